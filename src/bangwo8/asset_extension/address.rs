//! The configuration as an address, read and written.

use url::{Url, form_urlencoded};

use super::{
    AssetExtension, AssetFilter, AssetTableId, FieldKey, Fillings, InvalidExtension, TableChoice, elements,
};

/// The page that the vendor's company field opens.
pub(super) const PATH: &str = "/osp2016/SDK/Tables/ticketAssetTable.php";

impl AssetExtension {
    /// Reads a configuration address, whatever its host and whatever stands in front of the documented path.
    ///
    /// # Errors
    /// [`InvalidExtension`] says what is wrong and what is allowed.
    pub fn from_address(address: &str) -> Result<AssetExtension, InvalidExtension> {
        let url = Url::parse(address.trim()).map_err(|_| InvalidExtension::Address)?;
        if !url.path().ends_with(PATH) {
            return Err(InvalidExtension::OtherPage { path: url.path().to_owned() });
        }
        AssetExtension::from_query(url.query().unwrap_or_default())
    }

    /// Reads the part of a configuration address behind the question mark. Percent-encoding is understood and not
    /// needed.
    ///
    /// # Errors
    /// [`InvalidExtension`] says what is wrong and what is allowed.
    pub fn from_query(query: &str) -> Result<AssetExtension, InvalidExtension> {
        let parameters = Parameters::parse(query)?;
        Ok(AssetExtension {
            table: parameters.table()?,
            fillings: Fillings::parse(&parameters.c_para)?,
            filter: AssetFilter::parse(&parameters.filter)?,
            display: elements(&parameters.display).map(FieldKey::new).collect::<Result<_, _>>()?,
        })
    }

    /// The address to enter as the company field's external extension, e.g. under `https://www.bangwo8.com`; a
    /// path prefix of the base URL is kept.
    pub fn address(&self, base_url: &Url) -> Url {
        let mut url = base_url.clone();
        url.set_path(&format!("{}{PATH}", base_url.path().trim_end_matches('/')));
        url.set_query(Some(&self.query()));
        url.set_fragment(None);
        url
    }

    /// The part of the address behind the question mark, percent-encoded.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let (id, name) = match &self.table {
            TableChoice::Id(id) => (Some(id), None),
            TableChoice::Name(name) => (None, Some(name)),
            TableChoice::Both(id, name) => (Some(id), Some(name)),
        };
        if let Some(id) = id {
            query.append_pair("tableId", &id.to_string());
        }
        if let Some(name) = name {
            query.append_pair("tableName", name.as_str());
        }
        query.append_pair("cPara", &self.fillings.written());
        if let Some(filter) = self.filter.written() {
            query.append_pair("filter", &filter);
        }
        if !self.display.is_empty() {
            let keys: Vec<&str> = self.display.iter().map(FieldKey::as_str).collect();
            query.append_pair("display", &keys.join(","));
        }
        query.finish()
    }
}

/// The parameters as text; one that is empty was as good as not given.
#[derive(Default)]
struct Parameters {
    table_id: String,
    table_name: String,
    c_para: String,
    filter: String,
    display: String,
}

impl Parameters {
    fn parse(query: &str) -> Result<Parameters, InvalidExtension> {
        let mut parameters = Parameters::default();
        for (name, value) in form_urlencoded::parse(query.trim().trim_start_matches('?').as_bytes()) {
            let parameter = match &*name {
                "tableId" => &mut parameters.table_id,
                "tableName" => &mut parameters.table_name,
                "cPara" => &mut parameters.c_para,
                "filter" => &mut parameters.filter,
                "display" => &mut parameters.display,
                _ => return Err(InvalidExtension::UnknownParameter { name: name.into_owned() }),
            };
            if !parameter.is_empty() {
                return Err(InvalidExtension::Repeated { name: name.into_owned() });
            }
            *parameter = value.trim().to_owned();
        }
        Ok(parameters)
    }

    fn table(&self) -> Result<TableChoice, InvalidExtension> {
        Ok(match (self.table_id.as_str(), self.table_name.as_str()) {
            ("", "") => return Err(InvalidExtension::NoTable),
            (id, "") => TableChoice::Id(AssetTableId::parse(id)?),
            ("", name) => TableChoice::Name(FieldKey::new(name)?),
            (id, name) => TableChoice::Both(AssetTableId::parse(id)?, FieldKey::new(name)?),
        })
    }
}
