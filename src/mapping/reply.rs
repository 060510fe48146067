//! A reply: its text under a line that says who wrote it, since the target knows only the account that sends it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    Rule,
    apply::{Refusal, Run},
    convert::{self, present},
    file::InternalReplies,
};
use crate::event::Ignored;

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
    pub(super) id: Option<String>,
    pub(super) author: Author,
    pub(super) internal: Option<Internal>,
}

/// Where a reply's author stands; the kinds are what the target's readers call them.
#[derive(Debug, Default)]
pub(super) struct Author {
    pub(super) names: Vec<String>,
    pub(super) kind: Option<String>,
    pub(super) kinds: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(super) struct Internal {
    pub(super) at: String,
    pub(super) is: Value,
    pub(super) then: InternalReplies,
}

impl ReplyRule {
    /// The reply of an event, if it has one that is to be sent.
    pub(super) fn apply(&self, run: &mut Run<'_>) -> Result<Option<Reply>, Refusal> {
        let Some(text) = run.rule(&self.text)?.as_ref().and_then(convert::text) else {
            return Ok(None);
        };
        let internal = self.internal.as_ref().filter(|rule| run.data.pointer(&rule.at) == Some(&rule.is));
        if let Some(rule) = internal
            && rule.then == InternalReplies::Skip
        {
            run.ignored.push(Ignored { pointer: rule.at.clone(), reason: "internal_reply".into() });
            return Ok(None);
        }
        let id = self.id.as_ref().and_then(|at| convert::text(present(run.data.pointer(at))?));
        let text = match self.heading(run.data, internal.is_some()) {
            Some(heading) => format!("{heading}\n{text}"),
            None => text,
        };
        Ok(Some(Reply { id, text }))
    }

    /// `【内部备注 客服 李娜】`, as far as it is known.
    fn heading(&self, data: &Value, internal: bool) -> Option<String> {
        let text = |at: &String| Some(one_line(&convert::text(present(data.pointer(at))?)?));
        let kind = self.author.kind.as_ref().and_then(text).and_then(|kind| self.author.kinds.get(&kind));
        let name = self.author.names.iter().find_map(text);
        let known = internal.then_some(INTERNAL).into_iter().chain(kind.map(String::as_str));
        let parts: Vec<&str> = known.chain(name.as_deref()).collect();
        (!parts.is_empty()).then(|| format!("【{}】", parts.join(" ")))
    }

    /// Every pointer that it reads.
    pub(super) fn pointers(&self) -> impl Iterator<Item = String> {
        let Author { names, kind, .. } = &self.author;
        let internal = self.internal.iter().map(|rule| &rule.at);
        names.iter().chain(kind).chain(&self.id).chain(internal).cloned().collect::<Vec<_>>().into_iter()
    }
}

/// A name can't be made to look like another line, or like the end of this one.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, '【' | '】') { ' ' } else { c };
    text.chars().map(plain).collect::<String>().trim().to_owned()
}
