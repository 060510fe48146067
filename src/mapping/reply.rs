//! A reply: its text under a line that says who wrote it, since the target knows only the account that sends it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    apply::{Refusal, Run},
    convert::{self, present},
    pointer::Pointer,
    rule::{Rule, is_same},
    trace::Observer,
};
/// What is written before the author of a reply that only agents may see.
const INTERNAL: &str = "内部备注";

/// A reply to add to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// The source's id of the reply, if it has one: the same reply is added once.
    pub id: Option<String>,
    /// The text, with its first line.
    pub text: String,
}

#[derive(Debug)]
pub(super) struct ReplyRule {
    pub(super) text: Rule,
    pub(super) id: Option<Pointer>,
    pub(super) author: Author,
    pub(super) internal: Option<Internal>,
}

/// Where a reply's author stands; the kinds are what the target's readers call them.
#[derive(Debug, Default)]
pub(super) struct Author {
    pub(super) names: Vec<Pointer>,
    pub(super) kind: Option<Pointer>,
    pub(super) kinds: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(super) struct Internal {
    pub(super) at: Pointer,
    pub(super) is: Value,
    pub(super) then: InternalReplies,
}

/// What becomes of internal replies. Whether the target shows a reply to customers is its own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InternalReplies {
    /// They are not sent; the event's record says so.
    Skip,
    /// They are sent with a first line that says that they are internal.
    Mark,
}

impl ReplyRule {
    /// The reply of an event, if it has one that is to be sent.
    pub(super) fn apply<O: Observer>(&self, run: &mut Run<'_, O>) -> Result<Option<Reply>, Refusal> {
        let value = run.value(&self.text)?;
        let Some(text) = value.as_ref().and_then(convert::text) else { return Ok(None) };
        let internal = self.internal.as_ref().filter(|rule| rule.holds(run.data));
        if let Some(rule) = internal
            && rule.then == InternalReplies::Skip
        {
            run.ignore(rule.at.as_str(), "internal_reply");
            return Ok(None);
        }
        let id = self.id.as_ref().and_then(|at| convert::text(present(at.of(run.data))?));
        let text = match self.heading(run.data, internal.is_some()) {
            Some(heading) => format!("{heading}\n{text}"),
            None => text.into_owned(),
        };
        Ok(Some(Reply { id: id.map(|id| id.into_owned()), text }))
    }

    /// `【内部备注 客服 李娜】`, as far as it is known.
    fn heading(&self, data: &Value, internal: bool) -> Option<String> {
        let text = |at: &Pointer| Some(one_line(&convert::text(present(at.of(data))?)?));
        let kind = self.author.kind.as_ref().and_then(text).and_then(|kind| self.author.kinds.get(&kind));
        let name = self.author.names.iter().find_map(text);
        let known = internal.then_some(INTERNAL).into_iter().chain(kind.map(String::as_str));
        let parts: Vec<&str> = known.chain(name.as_deref()).collect();
        (!parts.is_empty()).then(|| format!("【{}】", parts.join(" ")))
    }

    /// Every pointer that it reads.
    pub(super) fn pointers(&self) -> Vec<&Pointer> {
        let mut found = Vec::new();
        self.text.pointers(&mut found);
        let Author { names, kind, .. } = &self.author;
        found.extend(
            names.iter().chain(kind).chain(&self.id).chain(self.internal.iter().map(|rule| &rule.at)),
        );
        found
    }
}

impl Internal {
    fn holds(&self, data: &Value) -> bool {
        self.at.of(data).is_some_and(|value| is_same(value, &self.is))
    }
}

/// A name can't be made to look like another line, or like the end of this one.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, '【' | '】') { ' ' } else { c };
    text.chars().map(plain).collect::<String>().trim().to_owned()
}
