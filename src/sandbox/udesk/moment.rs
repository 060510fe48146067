//! Points in time, and the two ways in which the families write them.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// China has had no daylight saving since 1991, so the fixed offset is the vendor's zone.
const ZONE: Offset = Offset::constant(8);

/// `2016-07-28 20:44:08 +0800`: v1, and whatever is made for people to read.
pub(crate) fn v1(at: Timestamp) -> String {
    written(at, "%Y-%m-%d %H:%M:%S %z")
}

/// `2017-08-18T12:06:02.000+08:00`: v2.
pub(crate) fn v2(at: Timestamp) -> String {
    written(at, "%Y-%m-%dT%H:%M:%S%.3f%:z")
}

fn written(at: Timestamp, format: &str) -> String {
    at.to_zoned(TimeZone::fixed(ZONE)).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families_write_the_vendors_zone() {
        let at: Timestamp = "2017-08-18T04:06:02Z".parse().unwrap();
        assert_eq!(v1(at), "2017-08-18 12:06:02 +0800");
        assert_eq!(v2(at), "2017-08-18T12:06:02.000+08:00");
    }
}
