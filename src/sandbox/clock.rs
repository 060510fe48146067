//! The simulators' clock, and the time as the vendors write it.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::switches::{Switches, TimeZoneName};

/// Now by the simulators' clock, which a switch may set fast or slow.
pub(crate) fn now(switches: &Switches) -> Timestamp {
    let skew = SignedDuration::from_secs(switches.clock_skew_s.get());
    Timestamp::now().saturating_add(skew).unwrap_or_else(|_| Timestamp::now())
}

/// Now by the simulators' clock as [`vendor_text`].
pub(crate) fn vendor_now(switches: &Switches) -> String {
    vendor_text(now(switches), switches.time_zone)
}

/// A time as `2019-12-19 14:28:51` in the vendor's zone. Text of this form sorts by time.
pub(crate) fn vendor_text(time: Timestamp, zone: TimeZoneName) -> String {
    let offset = match zone {
        // China has had no daylight saving since 1991, so the fixed offset is the zone.
        TimeZoneName::Shanghai => Offset::constant(8),
        TimeZoneName::Utc => Offset::UTC,
    };
    time.to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Now by the simulators' clock as the `Date` of an answer has it (RFC 9110, 5.6.7).
pub(crate) fn http_now(switches: &Switches) -> String {
    now(switches).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Now as RFC 3339 in UTC, by the true clock.
pub(crate) fn rfc3339_now() -> String {
    Timestamp::now().to_string()
}
