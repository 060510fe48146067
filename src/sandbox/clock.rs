//! The time as the vendors write it.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::switches::TimeZoneName;

/// Now, as `2019-12-19 14:28:51` in the vendor's zone. Text of this form sorts by time.
pub(crate) fn vendor_now(zone: TimeZoneName) -> String {
    let offset = match zone {
        // China has had no daylight saving since 1991, so the fixed offset is the zone.
        TimeZoneName::Shanghai => Offset::constant(8),
        TimeZoneName::Utc => Offset::UTC,
    };
    Timestamp::now().to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Now, as RFC 3339 in UTC.
pub(crate) fn rfc3339_now() -> String {
    Timestamp::now().to_string()
}
