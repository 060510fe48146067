//! A ticket's content, normalized and as Bangwo8 sent it, kept under the name of both.

use std::io::Read;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::store::{ContentId, Piece};

/// How hard rows are compressed: zstd's own default. They are written once and read often.
const LEVEL: i32 = 3;
/// Bytes of a row at most: twice what the client takes of an answer, so that nothing that can be read is refused.
const MOST: u64 = 64 * 1024 * 1024;

/// A ticket as it is served.
#[derive(Debug)]
pub(super) struct Row {
    /// Normalized.
    pub(super) ticket: Box<RawValue>,
    /// The vendor's own JSON.
    pub(super) sent: Box<RawValue>,
}

/// A row that may have to be kept. Its name costs little; its bytes are made only for one that is new.
pub(super) struct Drafted {
    pub(super) id: ContentId,
    text: String,
}

impl Drafted {
    /// Both on a line of their own: JSON without spaces has no line break.
    pub(super) fn new(ticket: &RawValue, sent: &impl Serialize) -> serde_json::Result<Self> {
        let text = format!("{}\n{}", ticket.get(), to_raw_value(sent)?.get());
        Ok(Self { id: ContentId::of(text.as_bytes()), text })
    }

    /// As it is kept.
    pub(super) fn piece(&self) -> std::io::Result<Piece> {
        Ok(Piece { id: self.id, content: zstd::encode_all(self.text.as_bytes(), LEVEL)? })
    }
}

impl Row {
    /// From what was kept; nothing if it isn't a row.
    pub(super) fn decode(content: &[u8]) -> Option<Self> {
        let mut text = String::new();
        zstd::Decoder::new(content).ok()?.take(MOST).read_to_string(&mut text).ok()?;
        let (ticket, sent) = text.split_once('\n')?;
        let raw = |text: &str| RawValue::from_string(text.to_owned()).ok();
        Some(Self { ticket: raw(ticket)?, sent: raw(sent)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{json, value::to_raw_value};

    use super::{Drafted, Row};
    use crate::store::ContentId;

    proptest! {
        #[test]
        fn a_row_is_read_back_as_it_was_kept(subject in ".*", id in any::<u64>()) {
            let ticket = to_raw_value(&json!({ "id": id, "subject": subject })).unwrap();
            let sent = json!({ "ticketId": id.to_string(), "subject": subject });
            let drafted = Drafted::new(&ticket, &sent).unwrap();
            let row = Row::decode(&drafted.piece().unwrap().content).unwrap();
            prop_assert_eq!(row.ticket.get(), ticket.get());
            prop_assert_eq!(row.sent.get(), sent.to_string());
        }

        #[test]
        fn any_bytes_are_a_row_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(Row::decode(&bytes).is_none());
        }

        #[test]
        fn any_text_is_a_row_or_refused(text in "[{}\\[\\]\":,a1\n ]{0,12}") {
            if let Some(row) = Row::decode(&zstd::encode_all(text.as_bytes(), 3).unwrap()) {
                prop_assert!(text.trim_matches(' ').contains('\n'), "{row:?}");
            }
        }
    }

    #[test]
    fn what_the_vendor_sent_is_part_of_a_rows_name() {
        let ticket = to_raw_value(&json!({ "id": 1 })).unwrap();
        let name = |sent| -> ContentId { Drafted::new(&ticket, &json!(sent)).unwrap().id };
        assert_ne!(name("一"), name("二"));
    }
}
