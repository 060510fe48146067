//! Udesk's fields in the mapping's words.

use crate::{
    mapping::{Field, FieldOption, Takes},
    udesk::{self, FieldDefinitions, FieldKind},
};

/// The custom fields. What customers must fill in is no matter of what is sent on, so none is mandatory.
pub fn fields(definitions: &FieldDefinitions) -> Vec<Field> {
    let field = |field: &udesk::FieldDefinition| Field {
        name: field.name.clone(),
        label: field.label.clone(),
        kind: kind(&field.kind),
        options: field.options.iter().map(option).collect(),
        mandatory: false,
        unwritable: None,
    };
    definitions.iter().map(field).collect()
}

fn option(option: &udesk::FieldOption) -> FieldOption {
    FieldOption {
        index: option.index.clone(),
        name: option.name.clone(),
        hidden: option.hidden,
        subs: option.subs.iter().map(self::option).collect(),
    }
}

/// `number` is 正整数 and `numeric` 数值 (§4.2).
fn kind(kind: &FieldKind) -> Takes {
    match kind {
        FieldKind::One => Takes::Choice,
        FieldKind::Many => Takes::Choices,
        FieldKind::Path => Takes::Cascade,
        FieldKind::Text(word) => match word.as_str() {
            "text" => Takes::Text,
            "area_text" => Takes::LongText,
            "date" => Takes::Date,
            "time" => Takes::Time,
            "datetime" => Takes::DateTime,
            "link" => Takes::Link,
            "number" => Takes::Integer,
            "numeric" => Takes::Decimal,
            other => Takes::Other(other.to_owned()),
        },
    }
}
