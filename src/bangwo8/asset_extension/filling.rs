//! `cPara`: what of a chosen asset row goes into which company field.

use serde_json::Value;

use super::{
    super::{asset_row::AssetRow, scalar, ticket_write::CustomFieldWrite},
    AssetExtension, FieldKey, InvalidExtension, elements,
};

/// Stands where an asset field's identifier stands, and means the id of the row itself.
const ROW_ID: &str = "_id";

/// One pair of `cPara`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    /// The asset field whose value is taken; `_id` is the id of the row itself.
    pub asset_field: FieldKey,
    /// The company's custom field that it fills.
    pub company_field: FieldKey,
}

/// All pairs of `cPara`: at least one, and each company field once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fillings(Vec<Filling>);

impl Fillings {
    /// Takes the pairs in their order.
    ///
    /// # Errors
    /// [`InvalidExtension::NoPair`] if there is none, [`InvalidExtension::FilledTwice`] if two fill the same field.
    pub fn new(pairs: Vec<Filling>) -> Result<Fillings, InvalidExtension> {
        if pairs.is_empty() {
            return Err(InvalidExtension::NoPair);
        }
        let mut keys: Vec<&FieldKey> = pairs.iter().map(|pair| &pair.company_field).collect();
        keys.sort();
        match keys.windows(2).find(|two| two[0] == two[1]) {
            Some(two) => Err(InvalidExtension::FilledTwice { key: two[0].to_string() }),
            None => Ok(Fillings(pairs)),
        }
    }

    /// The pairs in their order.
    pub fn pairs(&self) -> &[Filling] {
        &self.0
    }

    pub(super) fn parse(list: &str) -> Result<Fillings, InvalidExtension> {
        let pairs: Result<_, _> = elements(list).map(Filling::parse).collect();
        Fillings::new(pairs?)
    }

    pub(super) fn written(&self) -> String {
        let pair = |pair: &Filling| format!("{}:{}", pair.asset_field, pair.company_field);
        self.0.iter().map(pair).collect::<Vec<_>>().join(",")
    }
}

impl Filling {
    fn parse(pair: &str) -> Result<Filling, InvalidExtension> {
        let (asset_field, company_field) =
            pair.split_once(':').ok_or_else(|| InvalidExtension::Pair { text: pair.to_owned() })?;
        Ok(Filling { asset_field: FieldKey::new(asset_field)?, company_field: FieldKey::new(company_field)? })
    }

    fn fill(&self, row: &AssetRow) -> Option<CustomFieldWrite> {
        let text = match self.asset_field.as_str() {
            ROW_ID => row.id.clone()?,
            key => line(row.column(key)?)?,
        };
        Some(CustomFieldWrite { key: self.company_field.to_string(), value: text.into() })
    }
}

impl AssetExtension {
    /// The company fields that a chosen row fills, in the order of `cPara`.
    ///
    /// The target is a single-line text, so the value is text: an empty column empties the field, the choices of a
    /// cascade are joined by commas. A pair for which the row has nothing, or nothing that fits one line, fills
    /// nothing.
    pub fn company_fields(&self, row: &AssetRow) -> Vec<CustomFieldWrite> {
        self.fillings.pairs().iter().filter_map(|pair| pair.fill(row)).collect()
    }
}

/// A column's value on one line.
fn line(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| scalar::text(Some(item))).collect();
            Some(texts?.join(","))
        }
        other => scalar::text(Some(other)),
    }
}
