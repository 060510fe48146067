//! Look-ups: how somebody or something is found at the target.

use serde_json::Value;

use super::{
    apply::{Refusal, Run},
    convert::{self, present},
    pointer::Pointer,
    question::{By, Kind, Question},
    rule::Given,
    trace::Observer,
};

/// How somebody or something is found at the target.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) kind: Kind,
    /// A parameter: source value → id.
    pub(super) table: Option<String>,
    pub(super) link: Option<Pointer>,
    pub(super) vendor: Vec<(By, Vec<Pointer>)>,
    pub(super) on_missing: OnMissing,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum OnMissing {
    Park,
    Omit,
    Create,
    Default(Given),
}

impl Lookup {
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.link.iter().chain(self.vendor.iter().flat_map(|(_, pointers)| pointers))
    }
}

impl<O: Observer> Run<'_, O> {
    /// By the tenant's table, then by what was linked, then by the vendor: each is asked only if those before it have
    /// no answer.
    pub(super) fn looked_up(&mut self, from: &[Pointer], lookup: &Lookup) -> Result<Option<Value>, Refusal> {
        if let Some(id) = self.in_table(from, lookup) {
            return Ok(Some(id));
        }
        let asked = [self.linked(lookup), self.at_vendor(lookup)];
        for answer in asked.into_iter().flatten() {
            match self.ask(answer) {
                Asked::Known(id) => return Ok(Some(id)),
                Asked::Open => return Ok(None),
                Asked::None => {}
            }
        }
        let known_by = self.first(from).map(|(pointer, _)| pointer.as_str().to_owned());
        let known_by = known_by.or_else(|| self.first_of_lookup(lookup));
        match known_by {
            Some(pointer) => self.missing(from, lookup, &pointer),
            None => Ok(None),
        }
    }

    fn in_table(&self, from: &[Pointer], lookup: &Lookup) -> Option<Value> {
        let entries = self.parameters.get(lookup.table.as_ref()?)?;
        from.iter().find_map(|pointer| {
            let key = convert::text(pointer.of(self.data)?)?;
            entries.get(key.as_ref()).cloned()
        })
    }

    fn linked(&self, lookup: &Lookup) -> Option<Vec<Question>> {
        let source_id = self.text_at(lookup.link.as_ref()?)?;
        Some(vec![Question::Link { kind: lookup.kind, source_id }])
    }

    fn at_vendor(&self, lookup: &Lookup) -> Option<Vec<Question>> {
        let all = lookup.vendor.iter().flat_map(|(by, pointers)| pointers.iter().map(move |p| (*by, p)));
        let questions = all.filter_map(|(by, pointer)| {
            let value = self.text_at(pointer)?;
            Some(Question::Vendor { kind: lookup.kind, by, value })
        });
        Some(questions.collect()).filter(|questions: &Vec<_>| !questions.is_empty())
    }

    fn first_of_lookup(&self, lookup: &Lookup) -> Option<String> {
        lookup.pointers().find(|p| present(p.of(self.data)).is_some()).map(|p| p.as_str().to_owned())
    }

    fn text_at(&self, pointer: &Pointer) -> Option<String> {
        let text = convert::text(present(pointer.of(self.data))?)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The first of the questions that has an answer; all that have none yet are asked at once.
    fn ask(&mut self, questions: Vec<Question>) -> Asked {
        let mut open = Vec::new();
        for question in questions {
            match self.answers.get(&question) {
                Some(Some(id)) if open.is_empty() => return Asked::Known(id_of(id)),
                Some(_) => {}
                None => open.push(question),
            }
        }
        if open.is_empty() {
            return Asked::None;
        }
        self.questions.extend(open);
        Asked::Open
    }

    fn missing(
        &mut self,
        from: &[Pointer],
        lookup: &Lookup,
        pointer: &str,
    ) -> Result<Option<Value>, Refusal> {
        match &lookup.on_missing {
            OnMissing::Default(given) => Ok(given.value(self.parameters)),
            OnMissing::Create => {
                let of_vendor = lookup.vendor.iter().filter(|(by, _)| *by == By::Name).flat_map(|(_, p)| p);
                let name = of_vendor.chain(from).find_map(|pointer| self.text_at(pointer));
                let question = name.map(|name| Question::Create { kind: lookup.kind, name });
                match question.map(|question| self.ask(vec![question])) {
                    Some(Asked::Known(id)) => Ok(Some(id)),
                    Some(Asked::Open) => Ok(None),
                    _ => Err(not_found(lookup, pointer)),
                }
            }
            OnMissing::Park => Err(not_found(lookup, pointer)),
            OnMissing::Omit => {
                let has_table = lookup.table.as_ref().map(|table| self.parameters.contains_key(table));
                let asks = lookup.link.is_some() || !lookup.vendor.is_empty();
                let reason = match (asks, has_table) {
                    (false, Some(false)) => "no_parameter",
                    (false, _) => "no_table_entry",
                    (true, _) => "not_found",
                };
                self.ignore(pointer, reason);
                Ok(None)
            }
        }
    }
}

enum Asked {
    Known(Value),
    Open,
    None,
}

/// Ids are numbers to the target, and text in some places of its own answers.
fn id_of(answer: &Value) -> Value {
    answer.as_str().and_then(|text| text.parse::<u64>().ok()).map_or_else(|| answer.clone(), Value::from)
}

fn not_found(lookup: &Lookup, pointer: &str) -> Refusal {
    let kind = lookup.kind.as_str();
    let message = format!(
        "the {kind} is not known at the target: add it there or to the tenant's table, then replay the event"
    );
    Refusal::new("not_found", pointer, message)
}
