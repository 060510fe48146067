//! Bangwo8's fields in the mapping's words.

use crate::{
    bangwo8::{self, field_type},
    mapping::{Field, FieldOption, Takes},
};

/// `isRequired` of a field that has to have a value, as the documents say (§7.1); they may be wrong about it.
const MANDATORY: u8 = 0;

/// The custom fields. One without a key can't be written, so no mapping speaks of it.
pub(super) fn fields(fields: &[bangwo8::Field]) -> Vec<Field> {
    fields.iter().filter(|field| field.system != Some(true)).filter_map(field).collect()
}

fn field(field: &bangwo8::Field) -> Option<Field> {
    let takes = takes(field.field_type);
    Some(Field {
        name: field.key.clone()?,
        label: field.name.clone(),
        options: match takes {
            Takes::YesNo => ["是", "否"].map(word).into(),
            _ => field.options.iter().map(option).collect(),
        },
        takes,
        mandatory: field.is_required == Some(MANDATORY),
        read_only: field.is_readonly == Some(true),
    })
}

fn option(option: &bangwo8::FieldOption) -> FieldOption {
    FieldOption {
        index: option.key.clone(),
        name: option.value.clone(),
        hidden: false,
        subs: option.subset.iter().map(self::option).collect(),
    }
}

/// A checkbox takes these words (§7.2).
fn word(name: &str) -> FieldOption {
    FieldOption { index: name.to_owned(), name: name.to_owned(), hidden: false, subs: Vec::new() }
}

/// By §7.2. What is not documented is not judged: its name says so where a row writes it.
fn takes(field_type: Option<u8>) -> Takes {
    match field_type {
        Some(field_type::TEXT | field_type::PATTERN) => Takes::Text,
        Some(field_type::TEXT_AREA) => Takes::LongText,
        Some(field_type::DATE) => Takes::Date,
        Some(field_type::INTEGER) => Takes::Integer,
        Some(field_type::DECIMAL) => Takes::Decimal,
        Some(field_type::TELEPHONE) => Takes::Phone,
        Some(field_type::CHECKBOX) => Takes::YesNo,
        Some(field_type::DROPDOWN) => Takes::Choice,
        Some(field_type::MULTI_CHOICE) => Takes::Choices,
        Some(field_type::CASCADE) => Takes::Cascade,
        Some(field_type::FORM) => Takes::Other("a form".to_owned()),
        Some(field_type::ATTACHMENT) => Takes::Other("files".to_owned()),
        Some(field_type::STARS) => Takes::Other("stars".to_owned()),
        Some(field_type::PRODUCTS) => Takes::Other("a table of products".to_owned()),
        Some(field_type::SATISFACTION) => Takes::Other("a satisfaction form".to_owned()),
        Some(field_type::ASSETS) => Takes::Other("rows of an asset table".to_owned()),
        Some(field_type::SIGNATURE) => Takes::Other("a signature".to_owned()),
        Some(other) => Takes::Other(format!("what type {other} is")),
        None => Takes::Other("nobody knows what".to_owned()),
    }
}
