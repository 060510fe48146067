//! What a mapping has to know and can't: asked of whoever knows the links and the vendors, answered before the event
//! is applied. The mapping itself stays pure.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Contact,
    Company,
    Agent,
    Group,
    Template,
}

impl Kind {
    /// The word in mapping files, and the kind of links in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Agent => "agent",
            Self::Group => "group",
            Self::Template => "template",
        }
    }

    /// The word in a sentence: `an agent`.
    pub fn with_article(self) -> String {
        let article = if self == Self::Agent { "an" } else { "a" };
        format!("{article} {}", self.as_str())
    }
}

/// What somebody or something is found by at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum By {
    Email,
    Name,
    Number,
    Mobile,
    Login,
    /// The id of the person in another system, as the target's external bindings keep it.
    Binding,
}

/// How a choice is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Send {
    /// By the text of the option.
    #[default]
    Text,
    /// By the target's id of the option.
    Id,
}

/// Whose fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldsOf {
    /// Those of tickets.
    #[default]
    Tickets,
    /// Those of companies, which Udesk calls organizations.
    Companies,
}

/// A question to the link store or to a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// The target's id of an entity that this source id was linked with. Answered by an id.
    Link {
        /// What it is.
        kind: Kind,
        /// The source's id of it.
        source_id: String,
    },
    /// The target's id of the one that has this value. Answered by an id; none also if there are several.
    Vendor {
        /// What it is.
        kind: Kind,
        /// Which of its values is compared.
        by: By,
        /// The value.
        value: String,
    },
    /// The target's id of a new one of this name, or of the one that is there by now. Answered by an id.
    Create {
        /// What it is.
        kind: Kind,
        /// Its name.
        name: String,
    },
    /// A choice of the source's field (its index or its name) as the target's field of this key has it, by both vendors' lists
    /// of fields. Answered by a text or an id; for several levels or choices, one question each.
    Choice {
        /// The source's name of the field.
        field: String,
        /// The choice at the source: for a cascade the indexes from the first level on, joined by commas.
        value: String,
        /// The target's key of the field.
        key: String,
        /// How the choice is written.
        send: Send,
        /// Whose field it is.
        #[serde(default)]
        of: FieldsOf,
    },
}

/// What is known of questions: the answer, or that there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers(HashMap<Question, Option<Value>>);

impl Answers {
    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }

    /// Remembers an answer; `None` says that there is none.
    pub fn add(&mut self, question: Question, answer: Option<Value>) {
        self.0.insert(question, answer);
    }

    /// The answer, if the question was asked.
    pub fn get(&self, question: &Question) -> Option<&Option<Value>> {
        self.0.get(question)
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
