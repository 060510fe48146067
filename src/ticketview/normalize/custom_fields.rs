//! Custom fields as an object by key: each with its name and type, as the field list has them, and its value.

use std::{borrow::Cow, collections::HashMap};

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    fields::{Definition, FieldBook},
    value::{self, Read},
};

/// A ticket's custom fields, in the vendor's order.
pub(super) struct ByKey<'a> {
    pub(super) fields: &'a [(String, Value)],
    pub(super) book: &'a FieldBook,
    pub(super) zone: &'a TimeZone,
}

/// One custom field. Both `name` and `type` are `null` where the list doesn't know the key.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    field: One<'a>,
    /// Further values under the same key: the vendor's list has fields that share one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    name: Option<&'a str>,
    r#type: Option<Cow<'static, str>>,
    value: Value,
    /// The value is as it was sent: it could not be read as its type has it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undecoded: bool,
}

impl Serialize for ByKey<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places: HashMap<&str, usize> = HashMap::with_capacity(self.fields.len());
        let mut keys: Vec<(&str, Vec<&Value>)> = Vec::with_capacity(self.fields.len());
        for (key, value) in self.fields {
            let place = *places.entry(key).or_insert(keys.len());
            match keys.get_mut(place) {
                Some((_, values)) => values.push(value),
                None => keys.push((key, vec![value])),
            }
        }
        serializer.collect_map(keys.into_iter().map(|(key, values)| (key, self.json(key, &values))))
    }
}

impl<'a> ByKey<'a> {
    /// The field of a key that was sent with these values, of which there is at least one.
    fn json(&self, key: &str, values: &[&Value]) -> Option<Json<'a>> {
        let mut left: Vec<&Definition> = self.book.definitions(key).iter().collect();
        let read: Vec<One<'a>> = values.iter().map(|value| self.one(key, &mut left, value)).collect();
        // One that isn't set says nothing beside one that is.
        let is_set = read.iter().any(One::is_set);
        let mut told = read.into_iter().filter(|one| one.is_set() == is_set);
        let field = told.next()?;
        Some(Json { field, also: if is_set { told.collect() } else { Vec::new() } })
    }

    /// A value, as one of the fields that are left, which is then taken out: the first that knows all it names, else
    /// the first that it could be of, else the first.
    fn one(&self, key: &str, left: &mut Vec<&'a Definition>, sent: &Value) -> One<'a> {
        if left.is_empty() {
            left.extend(self.book.definitions(key));
        }
        if left.is_empty() {
            return One::new(None, value::read_unknown(sent), sent);
        }
        let mut read: Vec<Option<Read>> =
            left.iter().map(|field| value::read(field, sent, self.zone)).collect();
        let certain = |read: &Option<Read>| read.as_ref().is_some_and(|read| read.certain);
        let place = read.iter().position(certain).or_else(|| read.iter().position(Option::is_some));
        let place = place.unwrap_or_default();
        One::new(Some(left.remove(place)), read.swap_remove(place), sent)
    }
}

impl<'a> One<'a> {
    fn is_set(&self) -> bool {
        !self.value.is_null()
    }

    fn new(field: Option<&'a Definition>, read: Option<Read>, sent: &Value) -> Self {
        Self {
            name: field.and_then(|field| field.name.as_deref()),
            r#type: field.and_then(Definition::type_name),
            undecoded: read.is_none(),
            value: read.map_or_else(|| sent.clone(), |read| read.value),
        }
    }
}
