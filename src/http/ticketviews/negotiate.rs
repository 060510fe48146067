//! What a reader prefers, by `Accept` and `Accept-Encoding` (RFC 9110, 12.5). Pure. Where a reader has no preference,
//! ours is taken.

use std::cmp::Reverse;

use crate::ticketview::Encoding;

/// Quality of an element without `q`, in thousandths.
const FULL: u16 = 1000;

/// The forms in which a view's tickets are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Ndjson,
    Csv,
}

/// Each form's media types, in the order of our preference.
const FORMS: [(Form, &[&str]); 3] = [
    (Form::Json, &["application/json"]),
    (Form::Ndjson, &["application/x-ndjson", "application/ndjson", "application/jsonl"]),
    (Form::Csv, &["text/csv"]),
];

/// The encodings, in the order of our preference: zstd is the smaller one and the faster one to unpack.
const ENCODINGS: [(Encoding, &[&str]); 3] =
    [(Encoding::Zstd, &["zstd"]), (Encoding::Gzip, &["gzip", "x-gzip"]), (Encoding::Identity, &["identity"])];

/// The form that `Accept` prefers; `None` if it takes none of them. Without the header any will do.
pub(super) fn form(accept: Option<&str>) -> Option<Form> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return Some(Form::Json) };
    let quality = |types: &[&str]| types.iter().filter_map(|media| media_quality(accept, media)).max();
    best(FORMS.iter().map(|(form, types)| (*form, quality(types).unwrap_or(0))))
}

/// The encoding that `Accept-Encoding` prefers. Without the header it is none, for then nobody has said that they can
/// decode one; a reader that refuses even that gets it all the same, as there is nothing else to send.
pub(super) fn encoding(accept_encoding: Option<&str>) -> Encoding {
    let Some(accepted) = accept_encoding else { return Encoding::Identity };
    let quality = |encoding: Encoding, names: &[&str]| {
        let named = names.iter().filter_map(|name| quality_of(accepted, name)).max();
        let any = || quality_of(accepted, "*").unwrap_or(u16::from(encoding == Encoding::Identity));
        named.unwrap_or_else(any)
    };
    best(ENCODINGS.iter().map(|(encoding, names)| (*encoding, quality(*encoding, names))))
        .unwrap_or(Encoding::Identity)
}

/// The first of those with the highest quality, if that is not zero.
fn best<T>(choices: impl Iterator<Item = (T, u16)>) -> Option<T> {
    let ranked = choices.enumerate().filter(|(_, (_, quality))| *quality > 0);
    ranked.max_by_key(|(place, (_, quality))| (*quality, Reverse(*place))).map(|(_, (choice, _))| choice)
}

/// The quality of a media type by the most specific range that holds it.
fn media_quality(accept: &str, media: &str) -> Option<u16> {
    let kind = media.split_once('/').map_or(media, |(kind, _)| kind);
    let of_kind = |range: &str| range.strip_suffix("/*").is_some_and(|of| of.eq_ignore_ascii_case(kind));
    quality_of(accept, media)
        .or_else(|| elements(accept).find(|(range, _)| of_kind(range)).map(|(_, quality)| quality))
        .or_else(|| quality_of(accept, "*/*"))
}

fn quality_of(list: &str, wanted: &str) -> Option<u16> {
    elements(list).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, quality)| quality)
}

/// The elements of a list, each with its quality. Parameters other than `q` make no difference to what we have.
fn elements(list: &str) -> impl Iterator<Item = (&str, u16)> {
    list.split(',').map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        (name, q.map_or(FULL, thousandths))
    })
}

/// `0`, `0.5`, `1.000`; what can't be read counts as no preference against it.
fn thousandths(q: &str) -> u16 {
    let quality = q.trim().parse::<f32>().unwrap_or(1.0).clamp(0.0, 1.0);
    (quality * f32::from(FULL)).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_readers_and_among_equals_ours() {
        for (sent, taken) in [
            (None, Encoding::Identity),
            (Some(""), Encoding::Identity),
            (Some("gzip, deflate, br, zstd"), Encoding::Zstd),
            (Some("gzip, deflate, br"), Encoding::Gzip),
            (Some("x-gzip"), Encoding::Gzip),
            (Some("GZIP;Q=1"), Encoding::Gzip),
            (Some("zstd;q=0.5, gzip;q=0.8"), Encoding::Gzip),
            (Some("zstd;q=0, gzip;q=0"), Encoding::Identity),
            (Some("gzip;q=0.001"), Encoding::Gzip),
            (Some("gzip;q=0.5, identity"), Encoding::Identity),
            (Some("gzip;q=0.5, identity;q=0.5"), Encoding::Gzip),
            (Some("*"), Encoding::Zstd),
            (Some("*;q=0.5, zstd;q=0"), Encoding::Gzip),
            (Some("br, *;q=0"), Encoding::Identity),
            (Some("identity;q=0"), Encoding::Identity),
            (Some("identity;q=0, gzip;q=0.1"), Encoding::Gzip),
            (Some("gzip;q=abc"), Encoding::Gzip),
            (Some("br;q=1.0;gzip"), Encoding::Identity),
        ] {
            assert_eq!(encoding(sent), taken, "{sent:?}");
        }
    }

    #[test]
    fn the_form_is_the_readers_and_among_equals_ours() {
        for (sent, taken) in [
            (None, Some(Form::Json)),
            (Some(""), Some(Form::Json)),
            (Some("*/*"), Some(Form::Json)),
            (Some("application/json"), Some(Form::Json)),
            (Some("application/json; charset=utf-8"), Some(Form::Json)),
            (Some("text/csv"), Some(Form::Csv)),
            (Some("Text/CSV; header=present"), Some(Form::Csv)),
            (Some("text/*"), Some(Form::Csv)),
            (Some("application/x-ndjson"), Some(Form::Ndjson)),
            (Some("application/jsonl"), Some(Form::Ndjson)),
            (Some("text/csv;q=0.5, application/x-ndjson"), Some(Form::Ndjson)),
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Some(Form::Json)),
            (Some("*/*;q=0.1, text/csv"), Some(Form::Csv)),
            (Some("application/*;q=0.4, text/*;q=0.5"), Some(Form::Csv)),
            (Some("application/json;q=0, */*"), Some(Form::Ndjson)),
            (Some("application/xml"), None),
            (Some("text/csv;q=0"), None),
        ] {
            assert_eq!(form(sent), taken, "{sent:?}");
        }
    }
}
