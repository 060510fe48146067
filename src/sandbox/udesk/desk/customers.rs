//! Finding customers, and making those who can't be found.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{Change, Customer, Desk, Platform};
use crate::sandbox::generate::FIRST_ID;

/// What a caller knows of a customer; each part may be missing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Known {
    pub(crate) token: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) cellphone: Option<String>,
}

impl Desk {
    pub(crate) fn customer_with_email(&self, email: &str) -> Option<Cow<'_, Customer>> {
        let generated = email.strip_prefix('u').and_then(|rest| rest.strip_suffix("@example.com"));
        self.customer_like(generated, |customer| customer.has_email(email))
    }

    pub(crate) fn customer_with_cellphone(&self, number: &str) -> Option<Cow<'_, Customer>> {
        self.customer_like(number.strip_prefix("100"), |customer| customer.has_cellphone(number))
    }

    pub(crate) fn customer_with_token(&self, token: &str) -> Option<Cow<'_, Customer>> {
        self.customer_like(None, |customer| customer.open_api_token.as_deref() == Some(token))
    }

    /// The generated customers aren't searched: their addresses and numbers contain their index.
    fn customer_like(
        &self,
        index: Option<&str>,
        wanted: impl Fn(&Customer) -> bool,
    ) -> Option<Cow<'_, Customer>> {
        if let Some(found) = self.customers.stored().find(|customer| wanted(customer)) {
            return Some(Cow::Borrowed(found));
        }
        let id = FIRST_ID.checked_add(index?.parse().ok()?)?;
        self.customers.get(id).filter(|customer| wanted(customer))
    }

    /// The customer of a new ticket, in the documented order: by token; by e-mail, who then gets the phone
    /// number; by phone number, who then gets the e-mail; else a new one. `None` if nothing is known (§3.3).
    pub(crate) fn resolve(&mut self, known: &Known, now: Timestamp) -> Option<u64> {
        let by = |part: &Option<String>, find: &dyn Fn(&str) -> Option<u64>| part.as_deref().and_then(find);
        if let Some(id) = by(&known.token, &|token| Some(self.customer_with_token(token)?.id)) {
            return Some(id);
        }
        if let Some(id) = by(&known.email, &|email| Some(self.customer_with_email(email)?.id)) {
            self.try_to_set_cellphone(id, known.cellphone.as_deref(), now);
            return Some(id);
        }
        if let Some(id) = by(&known.cellphone, &|number| Some(self.customer_with_cellphone(number)?.id)) {
            self.try_to_set_email(id, known.email.as_deref(), now);
            return Some(id);
        }
        self.make_customer(known, now)
    }

    /// Leaves it when the number is somebody's already.
    fn try_to_set_cellphone(&mut self, id: u64, number: Option<&str>, now: Timestamp) {
        let Some(number) = number.filter(|number| self.customer_with_cellphone(number).is_none()) else {
            return;
        };
        let entry = self.new_entry(number);
        self.change_customer(id, now, |customer| customer.cellphones.push(entry));
    }

    /// Nobody has the e-mail, or they would have been found by it. A main address that is there already stays
    /// the main one.
    fn try_to_set_email(&mut self, id: u64, email: Option<&str>, now: Timestamp) {
        let Some(email) = email else { return };
        let entry = self.new_entry(email);
        self.change_customer(id, now, |customer| match &customer.email {
            None => customer.email = Some(entry.content),
            Some(_) => customer.other_emails.push(entry),
        });
    }

    fn make_customer(&mut self, known: &Known, now: Timestamp) -> Option<u64> {
        let Known { token, email, cellphone } = known.clone();
        let nick_name = [&email, &cellphone, &token].into_iter().flatten().next()?.clone();
        let cellphones = cellphone.map(|number| self.new_entry(&number)).into_iter().collect();
        Some(self.add_customer(|id| Customer {
            nick_name,
            email,
            open_api_token: token,
            cellphones,
            ..Customer::unnamed(id, Platform::Api, now)
        }))
    }

    pub(crate) fn add_customer(&mut self, make: impl FnOnce(u64) -> Customer) -> u64 {
        let id = self.customers.add(make);
        self.changes.push(Change::CustomerCreated { customer: id });
        id
    }

    pub(crate) fn change_customer(&mut self, id: u64, now: Timestamp, act: impl FnOnce(&mut Customer)) {
        if let Some(customer) = self.customers.get_mut(id) {
            act(customer);
            customer.updated_at = now;
            self.changes.push(Change::CustomerUpdated { customer: id });
        }
    }

    /// A phone number or address as pairs write it: the id of an entry that is there, or a new one.
    pub(crate) fn entry(&mut self, id: Option<u64>, content: &str) -> super::Entry {
        match id {
            Some(id) => super::Entry { id, content: content.to_owned() },
            None => self.new_entry(content),
        }
    }
}
