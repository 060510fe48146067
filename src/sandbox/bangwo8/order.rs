//! The order that a caller asks a list for.

use std::cmp::Ordering;

use super::Admitted;

/// Whether the caller asked for this order, and whether for the descending one.
pub(crate) fn descending(admitted: &Admitted<'_>, parameter: &str) -> Option<bool> {
    match admitted.call.param(parameter)?.to_ascii_lowercase().as_str() {
        "asc" => Some(false),
        "desc" => Some(true),
        _ => None,
    }
}

pub(crate) fn directed(ordering: Ordering, descending: bool) -> Ordering {
    if descending { ordering.reverse() } else { ordering }
}
