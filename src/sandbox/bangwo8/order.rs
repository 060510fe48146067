//! The order that a caller asks a list for.

use std::cmp::Ordering;

use super::Call;

/// Sorts if the parameter says `asc` or `desc`. The sort is stable, so what is equal stays as it was.
pub(crate) fn sort<T>(items: &mut [&T], call: &Call, parameter: &str, compare: impl Fn(&T, &T) -> Ordering) {
    let order = call.param(parameter).map(|order| order.to_ascii_lowercase());
    match order.as_deref() {
        Some("asc") => items.sort_by(|one, other| compare(one, other)),
        Some("desc") => items.sort_by(|one, other| compare(other, one)),
        _ => {}
    }
}
