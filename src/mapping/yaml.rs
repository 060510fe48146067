//! A mapping file as a tree of values that know where they stand. Rooms above this one never see YAML.

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value};

use crate::{
    diagnostic::{Diagnostic, Place, Spanned, place, read_yaml, utf8},
    disk,
};

/// Bytes of a mapping file at most: one of 2,000 rows has a tenth of it.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A value of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Which of the files that a mapping is built of.
    pub(super) file: usize,
    pub(super) place: Place,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) file: usize,
    pub(super) place: Place,
}

impl Node {
    /// Reads a file's text. The place of every error is told.
    pub(super) fn parse(path: &Path, text: &str, file: usize) -> Result<Self, Diagnostic> {
        let mut node: Self = read_yaml(path, text)?;
        node.stands_in(file);
        Ok(node)
    }

    fn stands_in(&mut self, file: usize) {
        self.file = file;
        match &mut self.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.iter_mut().for_each(|item| item.stands_in(file)),
            Content::Map(members) => members.iter_mut().for_each(|(key, value)| {
                key.file = file;
                value.stands_in(file);
            }),
        }
    }

    /// The value of a key, if this is a map that has it.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }

    /// The members, if this is a map.
    pub(super) fn members(&self) -> &[(Key, Self)] {
        match &self.content {
            Content::Map(members) => members,
            _ => &[],
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.content == Content::Scalar(Value::Null)
    }

    /// The text, if this is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match &self.content {
            Content::Scalar(Value::Null) => "nothing",
            Content::Scalar(Value::Bool(_)) => "true or false",
            Content::Scalar(Value::Number(_)) => "a number",
            Content::Scalar(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }

    /// This file's parts over another's: maps are merged key by key, down to `depth` levels that `merges` allows;
    /// anything else is replaced as a whole, and null takes a part away.
    pub(super) fn over(self, base: Self, merges: &dyn Fn(&[&str]) -> bool) -> Self {
        merged(self, base, &mut Vec::new(), merges)
    }
}

fn merged(own: Node, base: Node, path: &mut Vec<String>, merges: &dyn Fn(&[&str]) -> bool) -> Node {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let goes_on = merges(&names);
    let (own_members, base_members) = match (own.content, base.content) {
        (Content::Map(own_members), Content::Map(base_members)) if goes_on => (own_members, base_members),
        (content, _) => return Node { content, ..own },
    };
    let mut members = base_members;
    for (key, value) in own_members {
        let at = members.iter().position(|(known, _)| known.name == key.name);
        match (at, value.is_null()) {
            (Some(at), true) => drop(members.remove(at)),
            (Some(at), false) => {
                let (_, old) = members.remove(at);
                path.push(key.name.clone());
                let value = merged(value, old, path, merges);
                path.pop();
                members.insert(at, (key, value));
            }
            (None, _) => members.push((key, value)),
        }
    }
    Node { file: own.file, place: own.place, content: Content::Map(members) }
}

/// The text of a file of a size that such files have.
pub(super) fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let broken = |why: String| Diagnostic::error(path, Place::default(), why);
    // By a size that it may have, and more: how large it is, is told.
    let bytes =
        disk::read(path, disk::MAX_BYTES).map_err(|error| broken(format!("can't be read: {error}")))?;
    let length = bytes.len() as u64;
    if length > MAX_FILE_BYTES {
        let (size, most) = (length / 1024, MAX_FILE_BYTES / 1024);
        return Err(broken(format!("has {size} KiB; a mapping file has {most} KiB at most")));
    }
    utf8(path, bytes)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        let place = place(&spanned);
        Ok(Self { file: 0, place, content: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        Content::deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Bool(truth)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Content, E> {
        Ok(Content::Scalar(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Content, E> {
        Ok(Content::Scalar(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Content, E> {
        Ok(Content::Scalar(Number::from_f64(number).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(Content::Scalar(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Content::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Content, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let key = Key { place: place(&key), name: key.value, file: 0 };
            members.push((key, access.next_value()?));
        }
        Ok(Content::Map(members))
    }
}
