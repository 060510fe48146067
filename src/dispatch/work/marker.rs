//! A sign on each new ticket that tells for which source entity it was made, so that one whose creation was not
//! answered can be told from any other of the same words.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    bangwo8::{CustomFieldWrite, Ticket, TicketWrite},
    event::Event,
};

/// What a tag begins with that is such a sign.
const TAG: &str = "deskbridge-";
/// Bytes of the hash in such a tag: enough that no two of a desk's tickets have the same.
const TAG_BYTES: usize = 10;

/// Where a new ticket carries its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// Among its tags.
    Tag,
    /// In the text field of this key.
    Field(String),
}

impl Marker {
    /// The sign of a ticket that stands for the entity of `event`: the same for each of its events.
    pub(super) fn sign(&self, event: &Event) -> String {
        let mut hash = Sha256::new();
        for part in [event.connection.as_str(), &event.lane.to_string()] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        format!("{TAG}{}", hex::encode(&hash.finalize()[..TAG_BYTES]))
    }

    /// Puts a sign on a ticket that is about to be made.
    pub(super) fn put(&self, write: &mut TicketWrite, sign: &str) {
        match self {
            Self::Tag => {
                let others = write.tag_list.take().filter(|tags| !tags.trim().is_empty());
                write.tag_list =
                    Some(others.map_or_else(|| sign.to_owned(), |tags| format!("{tags},{sign}")));
            }
            Self::Field(key) => {
                write.custom_fields.retain(|field| field.key != *key);
                let value = Value::String(sign.to_owned());
                write.custom_fields.push(CustomFieldWrite { key: key.clone(), value });
            }
        }
    }

    /// Whether a ticket carries a sign; nothing if what was read of it doesn't tell.
    pub(super) fn is_on(&self, ticket: &Ticket, sign: &str) -> Option<bool> {
        match self {
            Self::Tag => {
                let tags = ticket.tag_list.as_deref()?;
                Some(tags.split([',', '，']).any(|tag| tag.trim() == sign))
            }
            Self::Field(key) => {
                let (_, value) = ticket.custom_fields.iter().find(|(name, _)| name == key)?;
                Some(value.as_str().is_some_and(|text| text.trim() == sign))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(tags: Option<&str>) -> TicketWrite {
        TicketWrite { tag_list: tags.map(str::to_owned), ..TicketWrite::default() }
    }

    #[test]
    fn a_sign_joins_the_tags_that_are_there() {
        let mut tagged = written(Some("vip客户,普通客户"));
        Marker::Tag.put(&mut tagged, "deskbridge-00");
        assert_eq!(tagged.tag_list.as_deref(), Some("vip客户,普通客户,deskbridge-00"));
        let mut untagged = written(Some(" "));
        Marker::Tag.put(&mut untagged, "deskbridge-00");
        assert_eq!(untagged.tag_list.as_deref(), Some("deskbridge-00"));
    }

    #[test]
    fn a_sign_takes_its_field_for_itself() {
        let (marker, mut write) = (Marker::Field("field_9".into()), written(None));
        write.custom_fields.push(CustomFieldWrite { key: "field_9".into(), value: json!("来源") });
        marker.put(&mut write, "deskbridge-00");
        let fields: Vec<_> = write.custom_fields.iter().map(|it| (it.key.as_str(), &it.value)).collect();
        assert_eq!(fields, [("field_9", &json!("deskbridge-00"))]);
    }
}
