//! The sections of a file: what serves which events.

use std::collections::BTreeMap;

use super::{At, Compiled, Compiler, Scope};
use crate::{
    event::EventType,
    mapping::{
        Unseen,
        field_options::FieldOptionsRule,
        known::Known,
        pointer::Pointer,
        reply::{Author, Internal, InternalReplies, ReplyRule},
        section::{CompanySection, OptionsSection, TicketCompany, TicketSection, Version},
        vocabulary::{TargetField, TargetType},
        yaml::{Content, Node},
    },
};

use super::rule::{For, RULE};

const TICKET: &[&str] =
    &["events", "lane", "version", "unseen", "fields", "custom_fields", "reply", "company", "unused"];
const COMPANY: &[&str] = &["events", "lane", "version", "fields", "custom_fields", "unused"];
const TICKET_COMPANY: &[&str] = &["lane", "fields", "custom_fields"];
const OPTIONS: &[&str] =
    &["events", "lane", "version", "field", "options", "unknown", "unreadable", "unused"];
const REPLY: &[&str] = &["text", "id", "author", "internal"];

impl Compiler {
    pub(super) fn ticket(&mut self, node: &Node) -> Option<TicketSection> {
        if !self.map(node, "ticket", TICKET) {
            return None;
        }
        let (mut known, scope, version) = self.frame(node, "ticket", "ticket")?;
        let Compiled { entity, scope } = self.target_entity(node, scope);
        let reply = node.get("reply").and_then(|node| self.reply(node, &scope));
        let company = node.get("company").and_then(|node| self.ticket_company(node, &scope));
        let unseen = node
            .get("unseen")
            .and_then(|n| self.one_of(n, &[("create", Unseen::Create), ("park", Unseen::Park)]));
        entity.pointers().into_iter().for_each(|pointer| known.add(pointer));
        reply.iter().flat_map(ReplyRule::pointers).for_each(|pointer| known.add(pointer));
        if let Some(company) = &company {
            known.add(&company.lane);
            company.entity.pointers().into_iter().for_each(|pointer| known.add(pointer));
        }
        let events = scope.events;
        Some(TicketSection {
            events,
            version,
            entity,
            reply,
            company,
            unseen: unseen.unwrap_or_default(),
            known,
        })
    }

    pub(super) fn company(&mut self, node: &Node) -> Option<CompanySection> {
        if !self.map(node, "company", COMPANY) {
            return None;
        }
        let (mut known, scope, version) = self.frame(node, "company", "company")?;
        let Compiled { entity, scope } = self.target_entity(node, scope);
        entity.pointers().into_iter().for_each(|pointer| known.add(pointer));
        Some(CompanySection { events: scope.events, version, entity, known })
    }

    pub(super) fn field_options(&mut self, node: &Node, file: &Node) -> Option<OptionsSection> {
        if !self.map(node, "field_options", OPTIONS) {
            return None;
        }
        let (mut known, scope, version) = self.frame(node, "field_options", "field")?;
        let field = self.read_pointer(node, "field", &scope, "field_options")?;
        let options = self.read_pointer(node, "options", &scope, "field_options")?;
        for word in ["unknown", "unreadable"] {
            match self.member(node, word, "field_options") {
                Some(policy) if policy.text() != Some(super::table::PARK) => {
                    self.problem(policy, "choices that can't be placed are parked: say park");
                }
                _ => {}
            }
        }
        if file.get("ticket").and_then(|ticket| ticket.get("custom_fields")).is_none() {
            self.problem(
                node,
                "field_options need the ticket's custom_fields: their rows say which field is meant",
            );
        }
        known.add(&field);
        known.add(&options);
        Some(OptionsSection {
            events: scope.events,
            version,
            rule: FieldOptionsRule { field, options },
            known,
        })
    }

    /// What every section has: the events it serves, the lane, the version, what is known and unused.
    fn frame(&mut self, node: &Node, path: &str, kind: &str) -> Option<(Known, Scope, Option<Version>)> {
        let events_node = self.member(node, "events", path)?;
        let events = self.event_types(events_node);
        if events.is_empty() {
            if matches!(&events_node.content, Content::List(items) if items.is_empty()) {
                self.problem(events_node, "a section serves at least one type of event");
            }
            return None;
        }
        let (own, others): (Vec<EventType>, Vec<EventType>) =
            events.into_iter().partition(|t| t.entity() == kind);
        for event_type in others {
            self.problem(events_node, format!("{event_type} is not about a {kind}"));
        }
        for event_type in own.iter().filter(|t| !self.schemas.contains_key(t)).copied().collect::<Vec<_>>() {
            let source = self.source.clone();
            self.problem(events_node, format!("{source} has no schema of {event_type}: take it out"));
        }
        let scope = Scope { path: path.to_owned(), events: own, at: At::from(events_node) };
        let mut known = Known::default();
        self.lane(node, &scope, path, &mut known);
        let version = node.get("version").and_then(|node| self.version(node, &scope));
        version.iter().for_each(|version| known.add(&version.at));
        if let Some(unused) = node.get("unused") {
            for item in self.items(unused, "unused").to_vec() {
                if let Some(pointer) = self.pointer(&item) {
                    self.shape(&scope, &pointer, At::from(&item));
                    known.add(&pointer);
                }
            }
        }
        Some((known, scope, version))
    }

    /// The lane is what intake orders events by: the schemas say it, and the mapping has to mean the same.
    fn lane(&mut self, node: &Node, scope: &Scope, path: &str, known: &mut Known) {
        let Some(lane_node) = self.member(node, "lane", path) else { return };
        let Some(lane) = self.pointer(lane_node) else { return };
        for event_type in &scope.events {
            let said =
                self.schemas.get(event_type).and_then(|schema| schema.get("x-entity")?.get("id")?.as_str());
            if let Some(said) = said.filter(|said| *said != lane.as_str()) {
                let message = format!(
                    "events are ordered by {said}, which the schema of {event_type} says (x-entity): write {said}"
                );
                self.problem(lane_node, message);
                return;
            }
        }
        known.add(&lane);
    }

    /// A pointer, or one with what happens if it can't be read.
    fn version(&mut self, node: &Node, scope: &Scope) -> Option<Version> {
        let (at_node, unreadable) = match node.text() {
            Some(_) => (node, None),
            None => {
                self.map(node, "version", &["from", "unreadable"]);
                (self.member(node, "from", "version")?, self.policy(node.get("unreadable")))
            }
        };
        let at = self.pointer(at_node)?;
        self.shape(scope, &at, At::from(at_node));
        if unreadable.is_none() {
            let message = format!(
                "the schema lets {0} have values that can't be read as a date and time: say version: {{ from: {0}, unreadable: park }}, or report",
                at.as_str()
            );
            self.problem(at_node, message);
        }
        Some(Version { at, unreadable })
    }

    fn read_pointer(&mut self, node: &Node, name: &str, scope: &Scope, what: &str) -> Option<Pointer> {
        let at = self.member(node, name, what)?;
        let pointer = self.pointer(at)?;
        self.shape(scope, &pointer, At::from(at));
        Some(pointer)
    }

    fn target_entity(&mut self, node: &Node, scope: Scope) -> Compiled {
        let target = std::mem::take(&mut self.target_words);
        let fields = if scope.path == "ticket" { &target.ticket } else { &target.company };
        let entity = self.entity(node, &scope, fields);
        self.target_words = target;
        Compiled { scope, entity }
    }

    fn ticket_company(&mut self, node: &Node, scope: &Scope) -> Option<TicketCompany> {
        if !self.map(node, "a ticket's company", TICKET_COMPANY) {
            return None;
        }
        let lane = self.read_pointer(node, "lane", scope, "a ticket's company")?;
        let scope = Scope { path: "ticket.company".to_owned(), ..scope.clone() };
        let Compiled { entity, .. } = self.target_entity(node, scope);
        Some(TicketCompany { lane, entity })
    }

    fn reply(&mut self, node: &Node, scope: &Scope) -> Option<ReplyRule> {
        if !self.map(node, "reply", REPLY) {
            return None;
        }
        let text_node = self.member(node, "text", "reply")?;
        let field = TargetField::text();
        let path = format!("{}.reply", scope.path);
        let text =
            self.rule(text_node, scope, For { name: "a reply", field: &field, path: &path, depth: 0 }, RULE)?;
        self.field_verdict(text_node, scope, &path, &text, false);
        let id = match node.get("id") {
            Some(_) => self.read_pointer(node, "id", scope, "reply"),
            None => None,
        };
        let author = node.get("author").map(|node| self.author(node, scope)).unwrap_or_default();
        let internal = node.get("internal").and_then(|node| self.internal(node, scope));
        Some(ReplyRule { text, id, author, internal })
    }

    fn author(&mut self, node: &Node, scope: &Scope) -> Author {
        if !self.map(node, "author", &["name", "kind", "kinds"]) {
            return Author::default();
        }
        let names = node.get("name").map(|node| self.pointers(node)).unwrap_or_default();
        names.iter().for_each(|(pointer, at)| drop(self.shape(scope, pointer, *at)));
        let kind = node.get("kind").and_then(|_| self.read_pointer(node, "kind", scope, "author"));
        let mut kinds = BTreeMap::new();
        for (key, word) in node.get("kinds").map(|n| self.named(n, "kinds").to_vec()).unwrap_or_default() {
            kinds.extend(self.text(&word).map(|word| (key.name, word.to_owned())));
        }
        Author { names: names.into_iter().map(|(pointer, _)| pointer).collect(), kind, kinds }
    }

    fn internal(&mut self, node: &Node, scope: &Scope) -> Option<Internal> {
        if !self.map(node, "internal", &["at", "is", "then"]) {
            return None;
        }
        let at = self.read_pointer(node, "at", scope, "internal")?;
        let is = self.member(node, "is", "internal")?;
        let shape = self.shape(scope, &at, At::from(node));
        let is = self.compared(is, &shape, &at)?;
        let then = self.member(node, "then", "internal")?;
        let then = self.one_of(then, &[("skip", InternalReplies::Skip), ("mark", InternalReplies::Mark)])?;
        Some(Internal { at, is, then })
    }
}

impl TargetField {
    /// A field of text that is no field of an entity.
    fn text() -> Self {
        Self {
            kind: TargetType::Text,
            required: false,
            codes: BTreeMap::new(),
            refers: None,
            max_length: None,
            clear: None,
            description: false,
        }
    }
}
