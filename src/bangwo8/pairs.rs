//! Keys and values as JSON. They are kept as pairs, because the vendor's order is kept.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A list of `{"key", "value"}`, as the vendor spells custom fields: a key can stand in it twice (§7.1).
pub(super) fn as_entries<S: Serializer>(pairs: &[(String, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Entry<'a> {
        key: &'a str,
        value: &'a Value,
    }
    serializer.collect_seq(pairs.iter().map(|(key, value)| Entry { key, value }))
}

/// An object, for keys that were an object's.
pub(super) fn as_object<S: Serializer>(pairs: &[(String, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
