//! The choices of a field.

use super::{Progress, Work};
use crate::{
    bangwo8::{
        Client, Error, Field, FieldOption, OptionParent, OptionRef, OptionWrite, RequestId, field_type,
    },
    dispatch::failure::Failure,
    event::{Outcome, Reason},
    mapping::{OptionChange, OptionsChange, OptionsHow},
};

impl Work<'_> {
    pub(super) async fn change_options(&mut self, change: &OptionsChange) -> Result<Outcome, Failure> {
        let field = self.field(&change.key).await?;
        self.sending();
        match change.how {
            OptionsHow::Replace => self.replace_options(&field, change).await?,
            OptionsHow::Upsert => self.upsert_options(&field, change).await?,
            OptionsHow::Delete if !self.delete_options(&field, change).await? => {
                self.fields = Progress::Applied;
                let message = "the target's field has none of these options";
                return Ok(Outcome::Skipped(Reason::new("nothing_to_apply", message)));
            }
            OptionsHow::Delete => {}
        }
        self.linked(&field.id);
        self.fields = Progress::Applied;
        Ok(self.delivered(&field.id))
    }

    /// The field of this key. Bangwo8 can have two of one key; which of them is meant is not ours to guess.
    async fn field(&self, key: &str) -> Result<Field, Failure> {
        let fields = self.client.ticket_fields().await?;
        let mut of_key = fields.into_iter().filter(|field| field.key.as_deref() == Some(key));
        match (of_key.next(), of_key.next()) {
            (Some(field), None) => Ok(field),
            (None, _) => {
                let why =
                    format!("Bangwo8 has no ticket field with the key {key}: make it, then replay the event");
                Err(Failure::Stuck("unknown_field", why))
            }
            (Some(_), Some(_)) => {
                let why =
                    format!("Bangwo8 has two ticket fields with the key {key}: give one of them another key");
                Err(Failure::Stuck("ambiguous_field", why))
            }
        }
    }

    async fn replace_options(&self, field: &Field, change: &OptionsChange) -> Result<(), Failure> {
        let [options] = change.levels.as_slice() else {
            let why = "Bangwo8 replaces the options of drop-down fields only: send field_options.changed and \
                       field_options.deleted for a cascade";
            return Err(Failure::Stuck("cascade_not_replaceable", why.into()));
        };
        let options: Vec<OptionWrite> = options.iter().map(option).collect();
        let replace = |client: Client, once: RequestId| {
            let (column, options) = (field.id.clone(), options.clone());
            async move { client.replace_field_options(&column, &options, &once).await }
        };
        self.repeatable("replace", replace).await?;
        Ok(())
    }

    /// Level by level, so that a parent is there before what stands below it.
    async fn upsert_options(&self, field: &Field, change: &OptionsChange) -> Result<(), Failure> {
        let is_cascade = field.field_type == Some(field_type::CASCADE);
        if !is_cascade && change.levels.len() > 1 {
            let why = "the options have others below them, and the field in Bangwo8 is no cascade: make it one, or \
                       map the source's field to another";
            return Err(Failure::Stuck("not_a_cascade", why.into()));
        }
        for (level, options) in change.levels.iter().enumerate() {
            let options: Vec<OptionWrite> = match is_cascade {
                true => options.iter().map(cascade_option).collect(),
                false => options.iter().map(option).collect(),
            };
            let upsert = |client: Client, once: RequestId| {
                let (column, options) = (field.id.clone(), options.clone());
                async move { client.upsert_field_options(&column, &options, &once).await }
            };
            self.repeatable(&format!("upsert {level}"), upsert).await?;
        }
        Ok(())
    }

    /// From the last level up. An option that is gone is what was wanted. True if any was there.
    async fn delete_options(&self, field: &Field, change: &OptionsChange) -> Result<bool, Failure> {
        let mut any = false;
        for (level, options) in change.levels.iter().enumerate().rev() {
            for (index, option) in options.iter().enumerate() {
                any |= self.delete_option(field, option, level, index).await?;
            }
        }
        Ok(any)
    }

    /// By our external id, or else by Bangwo8's own: an option that was made by hand has no external id. The vendor
    /// documents that both can be given at once, and an error text that forbids it.
    async fn delete_option(
        &self,
        field: &Field,
        change: &OptionChange,
        level: usize,
        index: usize,
    ) -> Result<bool, Failure> {
        let by_hand = named(field, change, level).map(OptionRef::Id);
        let ways = change.external_id.clone().map(OptionRef::ExtendId).into_iter().chain(by_hand);
        for (way, which) in ways.enumerate() {
            let delete = |client: Client, once: RequestId| {
                let (column, which) = (field.id.clone(), which.clone());
                async move { client.delete_field_option(&column, &which, &once).await }
            };
            match self.repeatable(&format!("delete {level} {index} {way}"), delete).await {
                Ok(_) => return Ok(true),
                Err(Failure::Call(Error::OptionNotFound { .. })) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(false)
    }
}

pub(in crate::dispatch) fn option(change: &OptionChange) -> OptionWrite {
    OptionWrite { option_name: change.name.clone(), extend_id: change.external_id.clone(), parent: None }
}

pub(in crate::dispatch) fn cascade_option(change: &OptionChange) -> OptionWrite {
    let parent = change.parent.clone().map_or(OptionParent::Root, OptionParent::ExtendId);
    OptionWrite { parent: Some(parent), ..option(change) }
}

/// Bangwo8's id of the first-level option of this name. Below, names repeat.
fn named(field: &Field, change: &OptionChange, level: usize) -> Option<String> {
    let same_name = |known: &&FieldOption| level == 0 && known.value == change.name;
    field.options.iter().find(same_name).map(|known| known.key.clone())
}
