//! What stands around an event's data: our plain envelope, or a CloudEvent in structured mode
//! (CloudEvents 1.0 and its JSON format), with the extensions that order events. Members are read one by one, so that
//! every violation is found.

use std::fmt;

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Attributes, MAX_VIOLATIONS, Refusal, Violation};
use crate::{
    event::{EventId, EventType},
    json,
};

/// Members of an envelope at most. Ours has four; a CloudEvent with its extensions rarely more than fifteen.
pub(super) const MAX_MEMBERS: usize = 64;
/// Members of a plain envelope.
const PLAIN: [&str; 4] = ["id", "type", "time", "data"];
/// The one `sequencetype` that the extension defines, and what is taken for granted without one.
const INTEGER: &str = "Integer";

/// How the body says what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// `application/json`: `{"id","type","time","data"}`.
    Plain,
    /// `application/cloudevents+json`.
    CloudEvent,
    /// `application/cloudevents-batch+json`: several of them.
    Batch,
    /// Anything else with these `ce-` headers: the body is the data alone.
    Binary(Attributes),
    /// A flat push of this type, whatever its content type says: senders of pushes don't choose it.
    Push(EventType),
}

impl Media {
    /// A flat push of the type that the query names.
    pub fn push(event_type: &str) -> Result<Self, Refusal> {
        let invalid = |invalid| Refusal::violation("", "enum", format!("the query's type {invalid}"));
        EventType::told(event_type).map(Self::Push).map_err(invalid)
    }

    /// Tells the media type by its header, parameters and case aside, and by the `ce-` headers.
    pub fn parse(content_type: &str, attributes: Attributes) -> Result<Self, Refusal> {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" if attributes.is_empty() => Ok(Self::Plain),
            "application/json" => Ok(Self::Binary(attributes)),
            "application/cloudevents+json" => Ok(Self::CloudEvent),
            "application/cloudevents-batch+json" => Ok(Self::Batch),
            _ => Err(Refusal::UnsupportedMediaType(
                "send Content-Type: application/json (a plain envelope, or with ce- headers a CloudEvent's data) or \
                 application/cloudevents+json, for several application/cloudevents-batch+json",
            )),
        }
    }
}

/// An envelope whose own members are as they should be.
pub(super) struct Envelope<'a> {
    pub(super) id: EventId,
    pub(super) event_type: EventType,
    pub(super) time: Option<Timestamp>,
    /// The sender's own version of the entity: the extension `sequence`.
    pub(super) version: Option<i64>,
    /// What the sender orders its events by: the extension `partitionkey`.
    pub(super) partition_key: Option<String>,
    pub(super) data: &'a RawValue,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope, and looks at its data, if it has any, by `look`. The violations of both are told together.
    pub(super) fn read<T>(
        media: &Media,
        body: &'a [u8],
        look: impl FnOnce(EventType) -> Result<T, Refusal>,
    ) -> Result<(Self, T), Refusal> {
        let mut members = members(body)?;
        let is_cloudevent = *media == Media::CloudEvent;
        if is_cloudevent {
            // CloudEvents' JSON format, 2.2: null is the same as unset.
            members.retain(|(_, raw)| raw.get() != "null");
        }
        let mut reader = Reader { members, violations: Vec::new() };
        let id = reader.id(media);
        let event_type = reader.event_type();
        let time = reader.time();
        let (version, partition_key) = match is_cloudevent {
            true => (reader.sequence(), reader.partition_key()),
            false => (None, None),
        };
        let data = reader.raw("data");
        if *media == Media::Plain {
            reader.refuse_unknown();
        }
        let read = match (event_type, data) {
            (Some(event_type), Some(_)) => reader.collect(look(event_type))?,
            _ => None,
        };
        match (id, event_type, time, data.zip(read), reader.violations.is_empty()) {
            (Some(id), Some(event_type), Some(time), Some((data, read)), true) => {
                Ok((Self { id, event_type, time, version, partition_key, data }, read))
            }
            _ => {
                reader.violations.truncate(MAX_VIOLATIONS);
                Err(Refusal::SchemaViolation(reader.violations))
            }
        }
    }
}

fn members(body: &[u8]) -> Result<Vec<(String, &RawValue)>, Refusal> {
    let read = json::from_slice::<Members<'_>>(body).map_err(|error| match error.is_data() {
        true => Refusal::violation("", "type", "must be an object"),
        false => Refusal::malformed(&error),
    });
    let Members(members) = read?;
    if members.len() > MAX_MEMBERS {
        let rule = format!("must have at most {MAX_MEMBERS} members: put what it says into data");
        return Err(Refusal::violation("", "maxProperties", rule));
    }
    Ok(members)
}

struct Reader<'a> {
    members: Vec<(String, &'a RawValue)>,
    violations: Vec<Violation>,
}

impl<'a> Reader<'a> {
    fn id(&mut self, media: &Media) -> Option<EventId> {
        let id: Option<String> = self.required("id", "a string");
        let parsed = match media {
            Media::Plain | Media::Push(_) => EventId::plain(&id?),
            Media::CloudEvent | Media::Binary(_) | Media::Batch => {
                let version: Option<String> = self.required("specversion", "a string");
                let source: Option<String> = self.required("source", "a URI reference");
                if version? != "1.0" {
                    self.violate("/specversion", "const", "must be \"1.0\"");
                }
                let (source, id) = (source?, id?);
                EventId::source(&source)
                    .map_err(|invalid| self.violate("/source", "pattern", invalid.to_string()))
                    .ok()?;
                EventId::cloudevent(&source, &id)
            }
        };
        parsed.map_err(|invalid| self.violate("/id", "pattern", invalid.to_string())).ok()
    }

    fn event_type(&mut self) -> Option<EventType> {
        let text: String = self.required("type", "a string")?;
        EventType::told(&text).map_err(|invalid| self.violate("/type", "enum", invalid.to_string())).ok()
    }

    /// `Some(None)` if there is none, which is allowed.
    #[allow(clippy::option_option)]
    fn time(&mut self) -> Option<Option<Timestamp>> {
        let Some(raw) = self.find("time") else {
            return Some(None);
        };
        let parsed = self.parse::<String>("time", raw, "a string")?.parse();
        parsed.map(Some).map_err(|_| self.violate("/time", "format", "must be an RFC 3339 date-time")).ok()
    }

    /// The extension `sequence`, as far as it can order events: a whole number in decimal digits. Any text that orders
    /// by its letters is allowed elsewhere, but two such texts of different lengths say nothing certain.
    fn sequence(&mut self) -> Option<i64> {
        let raw = self.find("sequence")?;
        if let Some(kind) = self.find("sequencetype")
            && self.parse::<String>("sequencetype", kind, "a string")? != INTEGER
        {
            self.violate("/sequencetype", "const", "must be \"Integer\", or left out");
        }
        // As text, which the extension asks for, or as a number, which JSON senders use.
        let text = json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
        let rule = "must be a whole number of at most 64 bits in decimal digits: events can't be ordered by anything else";
        text.parse().map_err(|_| self.violate("/sequence", "format", rule)).ok()
    }

    /// The extension `partitionkey`: any text but an empty one.
    fn partition_key(&mut self) -> Option<String> {
        let raw = self.find("partitionkey")?;
        let key: String = self.parse("partitionkey", raw, "a string")?;
        if key.is_empty() {
            self.violate("/partitionkey", "minLength", "must not be empty: leave it out");
        }
        Some(key)
    }

    fn refuse_unknown(&mut self) {
        let unknown = self.members.iter().filter(|(name, _)| !PLAIN.contains(&name.as_str()));
        let found: Vec<Violation> = unknown
            .map(|(name, _)| {
                let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                Violation::new(
                    pointer,
                    "additionalProperties",
                    "an envelope has id, type, time and data only",
                )
            })
            .collect();
        self.violations.extend(found);
    }

    fn required<T: DeserializeOwned>(&mut self, name: &str, what: &str) -> Option<T> {
        let raw = self.raw(name)?;
        self.parse(name, raw, what)
    }

    fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        let found = self.find(name);
        if found.is_none() {
            self.violate("", "required", format!("\"{name}\" is a required property"));
        }
        found
    }

    fn parse<T: DeserializeOwned>(&mut self, name: &str, raw: &RawValue, what: &str) -> Option<T> {
        let parsed = json::from_str(raw.get());
        parsed.map_err(|_| self.violate(&format!("/{name}"), "type", format!("must be {what}"))).ok()
    }

    fn find(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, raw)| *raw)
    }

    /// The result; or none, if it is violations: they join the others.
    fn collect<T>(&mut self, result: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
        match result {
            Err(Refusal::SchemaViolation(found)) => {
                self.violations.extend(found);
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    fn violate(&mut self, pointer: &str, keyword: &str, message: impl Into<String>) {
        self.violations.push(Violation::new(pointer, keyword, message));
    }
}

/// The members of an object, their values left as text. No name stands twice: that was looked for before.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &RawValue)> = Vec::with_capacity(PLAIN.len());
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(media: Media, body: &str) -> Vec<(String, String)> {
        match Envelope::read(&media, body.as_bytes(), |_| Ok(())) {
            Err(Refusal::SchemaViolation(found)) => {
                found.into_iter().map(|v| (v.pointer, v.keyword)).collect()
            }
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn every_violation_of_the_envelope_is_reported() {
        let found = violations(Media::Plain, r#"{"id":7,"type":"ticket.creatd","tiem":1,"time":"now"}"#);
        let expected = [
            ("/id", "type"),
            ("/type", "enum"),
            ("/time", "format"),
            ("", "required"),
            ("/tiem", "additionalProperties"),
        ];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_cloudevent_needs_its_version_and_source_and_may_have_extensions() {
        let body = r#"{"specversion":"1.0","id":"1","source":"/u","type":"ticket.created","x":1,"data":{}}"#;
        assert_eq!(violations(Media::CloudEvent, body), []);
        let body = r#"{"specversion":"1.0","id":"1","source":"/u","type":"ticket.created","sequence":"7","data":{}}"#;
        assert_eq!(violations(Media::CloudEvent, body), []);
        let body = r#"{"specversion":"0.3","id":"1","source":"/u","type":"ticket.created","data":{}}"#;
        assert_eq!(violations(Media::CloudEvent, body), [("/specversion".to_owned(), "const".to_owned())]);
    }
}
