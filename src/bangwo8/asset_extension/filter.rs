//! `filter`: which rows of the table are offered.

use super::{
    super::asset_row::AssetRow,
    FieldKey, InvalidExtension, elements,
    owner::{OWNER, OWNER_TYPE, Owner, OwnerRule, PageOwner},
};

/// Conditions that a row must all fulfil, and a rule about its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetFilter {
    /// Conditions on columns; none lets every row pass.
    pub conditions: Vec<Condition>,
    /// Whose rows are offered.
    pub owner: OwnerRule,
}

/// `asset_field:value`: the column contains the value somewhere, whatever the case of its letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    field: FieldKey,
    value: String,
}

impl Condition {
    /// A condition on a column.
    ///
    /// # Errors
    /// [`InvalidExtension::Reserved`] for `owner` and `ownerType`; [`InvalidExtension::Condition`] for a value that
    /// is empty, or has a comma, which would end it.
    pub fn new(field: FieldKey, value: &str) -> Result<Condition, InvalidExtension> {
        if matches!(field.as_str(), OWNER | OWNER_TYPE) {
            return Err(InvalidExtension::Reserved { name: field.to_string() });
        }
        let value = value.trim();
        if value.is_empty() || value.contains(',') {
            return Err(InvalidExtension::Condition { text: format!("{field}:{value}") });
        }
        Ok(Condition { field, value: value.to_owned() })
    }

    fn passes(&self, row: &AssetRow) -> bool {
        let column = row.column_text(self.field.as_str()).unwrap_or_default();
        column.to_lowercase().contains(&self.value.to_lowercase())
    }
}

impl AssetFilter {
    pub(super) fn parse(list: &str) -> Result<AssetFilter, InvalidExtension> {
        let (mut conditions, mut owner_type, mut owner) = (Vec::new(), None, None);
        for element in elements(list) {
            let (key, value) = element
                .split_once(':')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| InvalidExtension::Condition { text: element.to_owned() })?;
            match key {
                OWNER_TYPE => once(&mut owner_type, key, value)?,
                OWNER => once(&mut owner, key, value)?,
                // Filtered by nothing, a column filters nothing.
                _ if value.is_empty() => {}
                _ => conditions.push(Condition::new(FieldKey::new(key)?, value)?),
            }
        }
        let owner_type = given(owner_type).map(PageOwner::parse).transpose()?;
        let owner = given(owner).map(Owner::parse).transpose()?;
        Ok(AssetFilter { conditions, owner: OwnerRule::new(owner_type, owner)? })
    }

    /// Nothing if it lets every row pass.
    pub(super) fn written(&self) -> Option<String> {
        let condition = |condition: &Condition| format!("{}:{}", condition.field, condition.value);
        let mut elements: Vec<String> = self.conditions.iter().map(condition).collect();
        elements.extend(self.owner.written());
        (!elements.is_empty()).then(|| elements.join(","))
    }

    /// Whether a row fulfils every condition; owners are not looked at.
    pub(super) fn passes(&self, row: &AssetRow) -> bool {
        self.conditions.iter().all(|condition| condition.passes(row))
    }
}

fn once<'a>(rule: &mut Option<&'a str>, name: &str, value: &'a str) -> Result<(), InvalidExtension> {
    match rule.replace(value) {
        None => Ok(()),
        Some(_) => Err(InvalidExtension::Repeated { name: name.to_owned() }),
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
