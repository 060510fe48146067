//! Bangwo8's fields in the words of the pure part.

use std::collections::BTreeMap;

use super::{Section, Side};
use crate::{
    bangwo8::{self, Client, field_type},
    cli::Failure,
    mapping::suggest::{Field, FieldOption, Kind},
};

/// `isRequired` of a field without which a ticket can't be made (§7.1).
const MANDATORY: u8 = 0;

pub(super) async fn read(client: &Client, sections: &[Section]) -> Result<Side, Failure> {
    let mut side = Side::default();
    if sections.contains(&Section::Ticket) {
        side.ticket = fields(&client.ticket_fields().await?);
    }
    if sections.contains(&Section::Company) {
        let read = client.company_fields().await;
        let hint = |error| Failure::Work(format!("{error}; --only ticket leaves companies out"));
        side.company = fields(&read.map_err(hint)?);
    }
    Ok(side)
}

fn fields(fields: &[bangwo8::Field]) -> Vec<Field> {
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    for key in fields.iter().filter_map(|field| field.key.as_deref()) {
        *keys.entry(key).or_default() += 1;
    }
    fields.iter().filter(|field| field.system != Some(true)).map(|it| field(it, &keys)).collect()
}

fn field(field: &bangwo8::Field, keys: &BTreeMap<&str, usize>) -> Field {
    let kind = kind(field.field_type);
    let shared = field.key.as_deref().and_then(|key| keys.get(key)).is_some_and(|count| *count > 1);
    Field {
        name: field.key.clone().unwrap_or_else(|| field.id.clone()),
        label: field.name.clone(),
        options: match kind {
            Kind::YesNo => ["是", "否"].map(option).into(),
            _ => field.options.iter().map(known_option).collect(),
        },
        kind,
        mandatory: field.is_required == Some(MANDATORY),
        unwritable: match (&field.key, shared, field.is_readonly) {
            (None, ..) => Some("it has no key to write it by".to_owned()),
            (_, true, _) => Some("another field has the same key".to_owned()),
            (.., Some(true)) => Some("it is read-only".to_owned()),
            _ => None,
        },
    }
}

fn known_option(option: &bangwo8::FieldOption) -> FieldOption {
    FieldOption {
        index: option.key.clone(),
        name: option.value.clone(),
        hidden: false,
        subs: option.subset.iter().map(known_option).collect(),
    }
}

/// A checkbox takes these words (§7.2).
fn option(name: &str) -> FieldOption {
    FieldOption { index: name.to_owned(), name: name.to_owned(), hidden: false, subs: Vec::new() }
}

fn kind(field_type: Option<u8>) -> Kind {
    match field_type {
        Some(field_type::TEXT | field_type::PATTERN) => Kind::Text,
        Some(field_type::TEXT_AREA) => Kind::LongText,
        Some(field_type::DATE) => Kind::Date,
        Some(field_type::INTEGER) => Kind::Integer,
        Some(field_type::DECIMAL) => Kind::Decimal,
        Some(field_type::TELEPHONE) => Kind::Phone,
        Some(field_type::CHECKBOX) => Kind::YesNo,
        Some(field_type::DROPDOWN) => Kind::Choice,
        Some(field_type::MULTI_CHOICE) => Kind::Choices,
        Some(field_type::CASCADE) => Kind::Cascade,
        other => Kind::Other(other.map_or_else(|| "no type".to_owned(), said)),
    }
}

/// The vendor's own names of the types that nothing can be written to.
fn said(field_type: u8) -> String {
    match field_type {
        field_type::FORM => "form".to_owned(),
        field_type::ATTACHMENT => "files".to_owned(),
        field_type::STARS => "stars".to_owned(),
        field_type::PRODUCTS => "product table".to_owned(),
        field_type::SATISFACTION => "satisfaction form".to_owned(),
        field_type::ASSETS => "asset table".to_owned(),
        field_type::SIGNATURE => "signature".to_owned(),
        other => format!("type {other}"),
    }
}
