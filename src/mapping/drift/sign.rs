//! The field in which new tickets carry a sign of whose they are: a connection names it, and no mapping.

use super::{Drift, FieldLists};
use crate::{
    diagnostic::did_you_mean,
    mapping::field::{Field, Takes},
};

/// What keeps the target from taking a sign in its ticket field of this key: in what way, and what to do. With any of it
/// no new ticket is made, or none is found again. Nothing if the fields are not known.
pub fn sign(key: &str, lists: &FieldLists) -> Option<(Drift, String)> {
    let fields = lists.ticket.target.as_ref()?;
    let of_key: Vec<&Field> = fields.iter().filter(|field| field.name == key).collect();
    let (drift, message) = match of_key[..] {
        [] => (Drift::UnknownField, unknown(key, fields)),
        [field] if !matches!(field.kind, Takes::Text | Takes::LongText) => {
            let (called, kind) = (field.called(), &field.kind);
            let message = format!("the target's {called} is of the type {kind}: name a field of text");
            (Drift::OtherType, message)
        }
        [_] => return None,
        _ => {
            let several = of_key.len();
            let message = format!("the target has {several} fields of the key {key}: name one that is alone");
            (Drift::SharedKey, message)
        }
    };
    Some((drift, format!("link_marker: {message}")))
}

fn unknown(key: &str, fields: &[Field]) -> String {
    let hint = match fields.iter().find(|field| field.label.as_deref() == Some(key)) {
        Some(field) => format!("; {} is called that: write its key", field.name),
        None => did_you_mean(key, fields.iter().map(|field| field.name.as_str())),
    };
    format!("the target has no ticket field of the key {key}, and refuses new tickets with it{hint}")
}
