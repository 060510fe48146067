//! Seconds between two looks at something that others change.

use serde::{Deserialize, Deserializer, de::Error};

/// What is looked at less often than daily is no longer what anybody could rely on.
const LONGEST_S: u64 = 24 * 60 * 60;

/// The seconds of a setting, a day at most; `none` says what 0 means.
pub(super) fn seconds<'de, D: Deserializer<'de>>(
    deserializer: D,
    name: &str,
    none: &str,
) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        seconds if seconds > LONGEST_S => {
            Err(D::Error::custom(format!("{name} must be at most {LONGEST_S} seconds, a day, or 0 {none}")))
        }
        seconds => Ok(seconds),
    }
}
