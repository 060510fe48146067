//! Rows of asset tables on the command line: a table's own, and those that a company field's external extension
//! offers.

use std::num::NonZeroU64;

use clap::ValueEnum;
use futures_util::{Stream, TryStreamExt};
use serde::Serialize;

use super::super::super::Failure;
use crate::bangwo8::{
    AssetExtension, AssetRow, AssetTableId, Client, CompanyId, ContactId, CustomFieldWrite, Error, OwnedBy,
    OwnerType, PageContext,
};

#[derive(clap::Args)]
pub(in crate::cli::read) struct Rows {
    /// The table's id
    table: NonZeroU64,
    /// Only rows of this kind of owner
    #[arg(long, value_name = "KIND")]
    owner_type: Option<Owner>,
    /// Only rows of the owner with this id
    #[arg(long, value_name = "ID", requires = "owner_type")]
    owner: Option<String>,
}

/// As the vendor names them; its `agent` is the tenant.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "camelCase")]
enum Owner {
    Agent,
    Servicer,
    Contacter,
    Company,
    ServicerGroup,
}

#[derive(clap::Args)]
pub(in crate::cli::read) struct Args {
    /// The address that is entered as the field's external extension
    #[arg(long, value_name = "URL")]
    address: String,
    /// The asset table's id, if the address gives a tableName: no call tells what id it has
    #[arg(long, value_name = "ID")]
    table: Option<NonZeroU64>,
    /// The company of the ticket that the page shows
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// The contact of the ticket that the page shows
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
}

/// A row, and what of a company it fills in when it is chosen.
#[derive(Serialize)]
pub(super) struct Offered {
    #[serde(flatten)]
    row: AssetRow,
    company_fields: Vec<CustomFieldWrite>,
}

impl Rows {
    pub(super) fn read(self, client: &Client) -> impl Stream<Item = Result<AssetRow, Error>> + use<> {
        let Self { table, owner_type, owner } = self;
        let owned_by = owner_type.map(|kind| OwnedBy { owner_type: kind.into(), owner });
        client.asset_rows(AssetTableId::new(table), owned_by.as_ref())
    }
}

impl Args {
    pub(super) fn read(
        self,
        client: &Client,
    ) -> Result<impl Stream<Item = Result<Offered, Error>> + use<>, Failure> {
        let extension = AssetExtension::from_address(&self.address);
        let extension = extension.map_err(|error| Failure::Usage(format!("--address: {error}")))?;
        let table = extension.table.resolve(|_| self.table.map(AssetTableId::new));
        let table = table.map_err(|error| Failure::Usage(format!("{error}: give it as --table")))?;
        let page = PageContext {
            contact_id: self.contact.map(ContactId::new),
            company_id: self.company.map(CompanyId::new),
        };
        let rows = client.extension_rows(&extension, table, &page);
        Ok(rows.map_ok(move |row| Offered { company_fields: extension.company_fields(&row), row }))
    }
}

impl From<Owner> for OwnerType {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Agent => Self::Tenant,
            Owner::Servicer => Self::Servicer,
            Owner::Contacter => Self::Contact,
            Owner::Company => Self::Company,
            Owner::ServicerGroup => Self::ServicerGroup,
        }
    }
}
