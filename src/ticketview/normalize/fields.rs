//! What the vendor's field list says of custom fields, by the key that tickets use.

use std::{borrow::Cow, collections::HashMap};

use super::options::Options;
use crate::bangwo8::{Field, field_type};

/// The definitions of the custom fields of tickets. The default knows none.
#[derive(Default)]
pub(in crate::ticketview) struct FieldBook {
    /// Several fields can have one key.
    by_key: HashMap<String, Vec<Definition>>,
}

/// One field of the list.
pub(super) struct Definition {
    pub(super) name: Option<String>,
    pub(super) field_type: Option<u8>,
    pub(super) options: Options,
}

impl FieldBook {
    pub(in crate::ticketview) fn new(fields: &[Field]) -> Self {
        let mut by_key: HashMap<String, Vec<Definition>> = HashMap::new();
        for field in fields {
            let Some(key) = field.key.clone() else { continue };
            by_key.entry(key).or_default().push(Definition {
                name: field.name.clone(),
                field_type: field.field_type,
                options: Options::new(&field.options),
            });
        }
        Self { by_key }
    }

    /// Whether the list has a field of this key. One that it hasn't is newer than the list.
    pub(in crate::ticketview) fn knows(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// What people call the field of this key, the first of them if there are several.
    pub(in crate::ticketview) fn name(&self, key: &str) -> Option<&str> {
        self.definitions(key).iter().find_map(|field| field.name.as_deref())
    }

    /// The fields of this key, in the list's order.
    pub(super) fn definitions(&self, key: &str) -> &[Definition] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }
}

impl Definition {
    /// The type's name in answers; a type that no document tells of goes by its number.
    pub(super) fn type_name(&self) -> Option<Cow<'static, str>> {
        Some(match self.field_type? {
            field_type::DROPDOWN => "dropdown".into(),
            field_type::TEXT => "text".into(),
            field_type::TEXT_AREA => "text_area".into(),
            field_type::INTEGER => "integer".into(),
            field_type::DECIMAL => "decimal".into(),
            field_type::CHECKBOX => "checkbox".into(),
            field_type::PATTERN => "pattern".into(),
            field_type::DATE => "date".into(),
            field_type::FORM => "form".into(),
            field_type::ATTACHMENT => "attachment".into(),
            field_type::STARS => "stars".into(),
            field_type::MULTI_CHOICE => "multi_choice".into(),
            field_type::PRODUCTS => "products".into(),
            field_type::SATISFACTION => "satisfaction".into(),
            field_type::TELEPHONE => "telephone".into(),
            field_type::CASCADE => "cascade".into(),
            field_type::ASSETS => "assets".into(),
            field_type::SIGNATURE => "signature".into(),
            other => format!("type_{other}").into(),
        })
    }
}
