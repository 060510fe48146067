//! Companies, which the target keeps apart by name.

use super::{Work, as_write};
use crate::{
    bangwo8::{Client, CompanyId, CompanyWrite, Error, RequestId},
    dispatch::failure::Failure,
    event::Outcome,
    mapping::Fields,
};

impl Work<'_> {
    pub(super) async fn update_company(
        &mut self,
        target: String,
        fields: &Fields,
    ) -> Result<Outcome, Failure> {
        let id = CompanyId::new(target);
        if fields.is_empty() {
            self.wrote(fields);
            return Ok(self.delivered(id.as_str()));
        }
        self.sending();
        let write: CompanyWrite = as_write(fields)?;
        let update = |client: Client, once: RequestId| {
            let (id, write) = (id.clone(), write.clone());
            async move { client.update_company(&id, &write, &once).await }
        };
        self.repeatable("update", update).await?;
        self.wrote(fields);
        Ok(self.delivered(id.as_str()))
    }

    /// Looks first: the company may have been made by hand, or by an attempt whose answer was lost.
    pub(super) async fn upsert_company(
        &mut self,
        name: &str,
        fields: &Fields,
        new: &Fields,
    ) -> Result<Outcome, Failure> {
        // It has the name already, but for blanks around it.
        let fields = &fields.without("companyName");
        if let Some(id) = self.client.company_named(name.trim()).await? {
            return self.adopt_company(id, fields).await;
        }
        match self.client.create_company(&as_write(new)?, &self.once("create")?).await {
            Ok(id) => {
                self.linked(id.as_str());
                self.wrote(new);
                Ok(self.delivered(id.as_str()))
            }
            // Somebody was faster, or the search does not show it, as with a name that has only one letter.
            Err(Error::AlreadyExists { id: Some(id), .. }) => {
                self.adopt_company(CompanyId::new(id), fields).await
            }
            Err(error @ Error::CreatedIdUnknown { .. }) => {
                let made = self.client.company_named(name.trim()).await?.ok_or(error)?;
                self.linked(made.as_str());
                self.wrote(new);
                Ok(self.delivered(made.as_str()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn adopt_company(&mut self, id: CompanyId, fields: &Fields) -> Result<Outcome, Failure> {
        self.linked(id.as_str());
        self.keep_link().await?;
        self.update_company(id.as_str().to_owned(), fields).await
    }
}
