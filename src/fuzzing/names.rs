//! Ids, lanes, types and trace contexts: the short texts of addresses and headers.

use crate::{
    event::{EventId, EventType, Lane, MAX_EVENT_ID_BYTES},
    telemetry::read_traceparent,
};

/// What is taken for a name is within its limits, and reads back as itself. A plain id never looks like a CloudEvent's.
pub fn names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(id) = EventId::plain(text) {
        assert!(id.as_str() == text && (1..=MAX_EVENT_ID_BYTES).contains(&text.len()));
        assert!(!text.contains(' ') && !matches!(text, "." | ".."));
    }
    if let Some((source, id)) = text.split_once(' ')
        && let Ok(joined) = EventId::cloudevent(source, id)
    {
        assert_eq!(joined.as_str(), text);
        assert!(EventId::plain(text).is_err());
    }
    if let Ok(lane) = text.parse::<Lane>() {
        assert_eq!(lane.to_string(), text);
        assert_eq!(lane.to_string().parse(), Ok(lane));
    }
    if let Ok(event_type) = text.parse::<EventType>() {
        assert_eq!(event_type.as_str(), text);
    }
    if let Some(read) = read_traceparent(text) {
        assert!(read.len() == 55 && read.starts_with("00-") && text.len() >= 55);
        assert_eq!(read_traceparent(&read).as_ref(), Some(&read));
    }
}
