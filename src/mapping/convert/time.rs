//! Dates and times, in the forms in which sources write them.

use jiff::{Timestamp, civil::Date, civil::DateTime, fmt::strtime, tz::TimeZone};
use serde_json::Value;

/// Unix times from here on are milliseconds: seconds of this number are in the year 5138.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

/// A date, of a date or the start of a date-time: `2016-08-11` or `2017-05-03 14:44` → `2017-05-03`. With a zone, the
/// day that a moment has there.
pub(super) fn date(value: &Value, zone: Option<&TimeZone>) -> Option<String> {
    if let (Some(zone), Some(moment)) = (zone, moment(value)) {
        return Some(moment.to_zoned(zone.clone()).date().to_string());
    }
    let day = value.as_str()?.trim().get(..10)?;
    day.parse::<Date>().ok().map(|date| date.to_string())
}

/// `YYYY-MM-DD HH:MM:SS` in a zone. A time that says no offset is taken in `from`.
pub(super) fn date_time(value: &Value, zone: &TimeZone, from: &TimeZone) -> Option<String> {
    let moment =
        moment(value).or_else(|| civil(value)?.to_zoned(from.clone()).ok().map(|z| z.timestamp()))?;
    Some(moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Unix milliseconds of a moment.
pub(super) fn timestamp(value: &Value) -> Option<i64> {
    moment(value).map(Timestamp::as_millisecond)
}

/// An ISO 8601 time with an offset, Udesk v1's `2016-07-28 20:44:08 +0800`, or a unix time in seconds or milliseconds.
fn moment(value: &Value) -> Option<Timestamp> {
    if let Some(number) = value.as_i64() {
        let in_seconds = number.unsigned_abs() < MILLISECONDS_FROM;
        return if in_seconds { Timestamp::from_second(number) } else { Timestamp::from_millisecond(number) }
            .ok();
    }
    let text = value.as_str()?.trim();
    let iso = text.parse::<Timestamp>().ok();
    let v1 = |format| strtime::parse(format, text).ok()?.to_timestamp().ok();
    iso.or_else(|| v1("%Y-%m-%d %H:%M:%S %z")).or_else(|| v1("%Y-%m-%d %H:%M %z"))
}

fn civil(value: &Value) -> Option<DateTime> {
    let text = value.as_str()?.trim();
    text.parse::<DateTime>().or_else(|_| strtime::parse("%Y-%m-%d %H:%M", text)?.to_datetime()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_of_a_time_is_the_same_moment() {
        for form in
            [json!("2017-05-04 14:26:18 +0800"), json!("2017-05-04T14:26:18.000+08:00"), json!(1_493_879_178)]
        {
            assert_eq!(timestamp(&form), Some(1_493_879_178_000), "{form}");
        }
        assert_eq!(timestamp(&json!("")), None);
    }

    #[test]
    fn a_date_is_the_day_of_whatever_time_it_is_given() {
        assert_eq!(date(&json!("2017-05-03 14:44"), None).as_deref(), Some("2017-05-03"));
        assert_eq!(date(&json!("2017-02-30"), None), None);
        assert_eq!(date(&json!("二〇一七年"), None), None);
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(date(&json!("2017-05-03T20:00:00Z"), Some(&shanghai)).as_deref(), Some("2017-05-04"));
    }

    #[test]
    fn a_time_without_an_offset_is_taken_where_the_source_is() {
        let (shanghai, utc) = (TimeZone::get("Asia/Shanghai").unwrap(), TimeZone::UTC);
        let told = |text: &str| date_time(&json!(text), &shanghai, &utc).unwrap();
        assert_eq!(told("2017-05-03 20:00"), "2017-05-04 04:00:00");
        assert_eq!(told("2017-05-03T20:00:00+08:00"), "2017-05-03 20:00:00");
    }
}
