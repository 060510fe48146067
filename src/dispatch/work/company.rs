//! Companies, which the target keeps apart by name.

use serde::Serialize;

use super::{Work, as_write};
use crate::{
    bangwo8::{Client, CompanyId, CompanyWrite, Error, RequestId},
    dispatch::{
        failure::Failure,
        ledger::Ledger,
        plan::{CompanyStep, NewCompany},
        written::Written,
    },
    event::Outcome,
    mapping::{Fields, Kind},
    store::{Link, LinkKey, StoreError},
};

/// The field by which the target keeps companies apart.
const NAME: &str = "companyName";

/// The company of a name.
pub(in crate::dispatch) enum Made {
    /// It was there.
    Found(CompanyId),
    /// It was made, with all its fields.
    New(CompanyId),
}

impl Made {
    pub(in crate::dispatch) fn id(&self) -> &CompanyId {
        let (Self::Found(id) | Self::New(id)) = self;
        id
    }
}

/// One step that makes a company.
pub(in crate::dispatch) struct Making<'a> {
    pub(in crate::dispatch) client: &'a Client,
    pub(in crate::dispatch) ledger: &'a Ledger<'a>,
    pub(in crate::dispatch) step: &'a str,
    pub(in crate::dispatch) once: &'a RequestId,
}

impl Making<'_> {
    /// The company of exactly this name. Looks first: it may have been made by hand, or by an attempt whose answer was
    /// lost.
    pub(in crate::dispatch) async fn named_or_made<E>(
        &self,
        name: &str,
        new: &CompanyWrite,
    ) -> Result<Made, E>
    where
        E: From<Error> + From<StoreError>,
    {
        if let Some(id) = self.client.company_named(name.trim()).await? {
            self.found(&id);
            return Ok(Made::Found(id));
        }
        self.ledger.intend(self.step, self.once, &Sent { name }).await?;
        let id = match self.client.create_company(new, self.once).await {
            Ok(id) => id,
            // Somebody was faster, or the search does not show it, as with a name that has only one letter.
            Err(error @ Error::AlreadyExists { .. }) => {
                self.ledger.failed(self.step, &error);
                let Error::AlreadyExists { id: Some(id), .. } = error else { return Err(error.into()) };
                return Ok(Made::Found(CompanyId::new(id)));
            }
            Err(error @ Error::CreatedIdUnknown { .. }) => {
                self.client.company_named(name.trim()).await?.ok_or(error)?
            }
            Err(error) => {
                self.ledger.failed(self.step, &error);
                return Err(error.into());
            }
        };
        self.ledger.made(self.step, id.as_str());
        Ok(Made::New(id))
    }

    /// Whoever made it: nothing is open any more.
    fn found(&self, id: &CompanyId) {
        if let Some(effect) = self.ledger.open(self.step).last() {
            self.ledger.found(effect, id.as_str());
        }
    }
}

/// By what a company is told again.
#[derive(Serialize)]
struct Sent<'a> {
    name: &'a str,
}

impl Work<'_> {
    pub(super) async fn update_company(
        &mut self,
        target: String,
        fields: &Fields,
    ) -> Result<Outcome, Failure> {
        let id = CompanyId::new(target);
        if !fields.is_empty() {
            self.sending();
            self.change_company("update", &id, fields).await?;
        }
        self.wrote(fields);
        Ok(self.delivered(id.as_str()))
    }

    pub(super) async fn upsert_company(
        &mut self,
        name: &str,
        fields: &Fields,
        new: &NewCompany,
    ) -> Result<Outcome, Failure> {
        let made = self.company_of_name("create", name, new).await?;
        self.linked(made.id().as_str());
        match made {
            Made::New(id) => {
                self.wrote(&new.fields);
                Ok(self.delivered(id.as_str()))
            }
            Made::Found(id) => {
                self.keep_link().await?;
                // It has the name already, but for blanks around it.
                let ended = self.update_company(id.as_str().to_owned(), &fields.without(NAME)).await?;
                self.wrote(fields);
                Ok(ended)
            }
        }
    }

    /// The company that came with a ticket. Events of its own may be at it at the same time: the last write counts, and
    /// the target lets nobody make a second one.
    pub(super) async fn write_company_of_ticket(&mut self, step: CompanyStep) -> Result<(), Failure> {
        match step {
            CompanyStep::Update { link, fields } => {
                self.change_company("company update", &CompanyId::new(&link.target_id), &fields).await?;
                self.wrote_company(link, &fields);
            }
            CompanyStep::Upsert { source_id, name, fields, new } => {
                let made = self.company_of_name("company create", &name, &new).await?;
                let key = LinkKey { kind: Kind::Company.as_str().to_owned(), source_id };
                let target_id = made.id().as_str().to_owned();
                let link = Link { key, target_id, version: None, written: None };
                match made {
                    Made::New(_) => self.wrote_company(link, &new.fields),
                    Made::Found(id) => {
                        self.keep(link.clone()).await?;
                        let fields = fields.without(NAME);
                        self.change_company("company update", &id, &fields).await?;
                        self.wrote_company(link, &fields);
                    }
                }
            }
        }
        Ok(())
    }

    /// Its version is that of its own events, and stays.
    fn wrote_company(&mut self, link: Link, fields: &Fields) {
        let written = Written::of(&link).and(fields).text();
        self.others.push(Link { version: None, written, ..link });
    }

    async fn company_of_name(&self, step: &str, name: &str, new: &NewCompany) -> Result<Made, Failure> {
        if !new.missing.is_empty() {
            return match self.client.company_named(name.trim()).await? {
                Some(id) => Ok(Made::Found(id)),
                None => Err(lacks(&new.missing)),
            };
        }
        let (write, once): (CompanyWrite, _) = (as_write(&new.fields)?, self.once(step)?);
        let making = Making { client: &self.client, ledger: self.ledger, step, once: &once };
        let made = making.named_or_made::<Failure>(name, &write).await?;
        self.desk.lookups.companies_changed();
        Ok(made)
    }

    async fn change_company(&self, step: &str, id: &CompanyId, fields: &Fields) -> Result<(), Failure> {
        if fields.is_empty() {
            return Ok(());
        }
        let write: CompanyWrite = as_write(fields)?;
        let update = |client: Client, once: RequestId| {
            let (id, write) = (id.clone(), write.clone());
            async move { client.update_company(&id, &write, &once).await }
        };
        self.repeatable(step, update).await?;
        if fields.text(NAME).is_some() {
            self.desk.lookups.companies_changed();
        }
        Ok(())
    }
}

fn lacks(missing: &[String]) -> Failure {
    let why = format!(
        "the company is not known at the target yet, and the event lacks what the mapping requires of a new one ({}): \
         send the whole company, then replay the event",
        missing.join(", ")
    );
    Failure::Stuck("unknown_company", why)
}
