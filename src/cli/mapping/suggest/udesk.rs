//! Udesk's fields in the words of the pure part.

use super::{Section, Side};
use crate::{
    cli::Failure,
    config::SourceApi,
    mapping::suggest::{Field, FieldOption, Kind},
    udesk::{self, Category, Client, FieldDefinitions, FieldKind},
};

/// By v2 where there is one: only it has the options of cascades (§3.9) and the fields of organizations.
pub(super) async fn read(
    client: &Client,
    api: Option<&SourceApi>,
    sections: &[Section],
) -> Result<Side, Failure> {
    let has_v2 = api.is_some_and(|api| api.v2.is_some());
    let mut side = Side::default();
    if sections.contains(&Section::Ticket) {
        side.ticket = fields(&if has_v2 {
            client.v2().custom_fields(Category::Ticket).await?
        } else {
            client.v1().ticket_fields().await?
        });
    }
    if has_v2 && sections.contains(&Section::Company) {
        side.company = fields(&client.v2().custom_fields(Category::Organization).await?);
    }
    Ok(side)
}

fn fields(definitions: &FieldDefinitions) -> Vec<Field> {
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
fn kind(kind: &FieldKind) -> Kind {
    match kind {
        FieldKind::One => Kind::Choice,
        FieldKind::Many => Kind::Choices,
        FieldKind::Path => Kind::Cascade,
        FieldKind::Text(word) => match word.as_str() {
            "text" => Kind::Text,
            "area_text" => Kind::LongText,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "datetime" => Kind::DateTime,
            "link" => Kind::Link,
            "number" => Kind::Integer,
            "numeric" => Kind::Decimal,
            other => Kind::Other(other.to_owned()),
        },
    }
}
