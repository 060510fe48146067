//! Everything the vendor stores for its one tenant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::assets::AssetTable;
use super::attachments::Attachment;
use super::bindings::Binding;
use super::companies::Company;
use super::contacts::Contact;
use super::customer_groups::CustomerGroup;
use super::fields::Field;
use super::people::Support;
use super::templates::Template;
use super::ticket::Ticket;
use super::views::View;
use super::{Switches, generated};
use crate::{
    json,
    sandbox::generate::{FIRST_ID, Generator},
};

/// The tenant, which the wire calls "agent".
pub(crate) const TENANT_ID: u64 = 601_993;

#[derive(Debug, Serialize)]
pub(crate) struct Desk {
    #[serde(serialize_with = "as_list")]
    pub(crate) tickets: BTreeMap<u64, Ticket>,
    pub(crate) views: Vec<View>,
    pub(crate) fields: Vec<Field>,
    pub(crate) templates: Vec<Template>,
    #[serde(serialize_with = "as_list")]
    pub(crate) companies: BTreeMap<u64, Company>,
    pub(crate) company_fields: Vec<Field>,
    #[serde(serialize_with = "as_list")]
    pub(crate) customer_groups: BTreeMap<u64, CustomerGroup>,
    pub(crate) asset_tables: Vec<AssetTable>,
    #[serde(flatten)]
    pub(crate) people: People,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) attachments: Vec<Attachment>,
    #[serde(skip)]
    pub(crate) generator: Generator,
    /// Ids of tickets that are gone, generated ones among them.
    #[serde(skip)]
    removed_tickets: BTreeSet<u64>,
    /// Indices of generated views that are gone.
    #[serde(skip)]
    removed_views: BTreeSet<u64>,
    next_ticket_id: u64,
    next_reply_id: u64,
    next_option_id: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    pub(crate) supports: Vec<Support>,
    pub(crate) groups: Vec<Named>,
}

/// An id with a name, of which nothing more is needed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) id: u64,
    pub(crate) name: String,
}

impl Desk {
    pub(crate) fn seeded(generator: Generator) -> serde_json::Result<Self> {
        let tickets: Vec<Ticket> = json::from_str(include_str!("seed/tickets.json"))?;
        let newest = tickets.iter().map(|ticket| ticket.ticket_id).max().unwrap_or_default();
        Ok(Self {
            tickets: tickets.into_iter().map(|ticket| (ticket.ticket_id, ticket)).collect(),
            views: json::from_str(include_str!("seed/views.json"))?,
            fields: json::from_str(include_str!("seed/fields.json"))?,
            templates: json::from_str(include_str!("seed/templates.json"))?,
            companies: by_id(include_str!("seed/companies.json"), |company: &Company| company.id)?,
            company_fields: json::from_str(include_str!("seed/company_fields.json"))?,
            customer_groups: by_id(include_str!("seed/customer_groups.json"), |group: &CustomerGroup| {
                group.group_id
            })?,
            asset_tables: json::from_str(include_str!("seed/asset_tables.json"))?,
            people: json::from_str(include_str!("seed/people.json"))?,
            contacts: json::from_str(include_str!("seed/contacts.json"))?,
            bindings: json::from_str(include_str!("seed/bindings.json"))?,
            attachments: json::from_str(include_str!("seed/attachments.json"))?,
            generator,
            removed_tickets: BTreeSet::new(),
            removed_views: BTreeSet::new(),
            next_ticket_id: newest + 1,
            next_reply_id: 90_210_001,
            // Above the ids of all seeded options, so that one id is one option in all fields.
            next_option_id: 4_673_001,
        })
    }

    /// A ticket, stored or generated.
    pub(crate) fn ticket(&self, id: &str, switches: &Switches) -> Option<Cow<'_, Ticket>> {
        let id: u64 = id.parse().ok()?;
        if let Some(stored) = self.tickets.get(&id) {
            return Some(Cow::Borrowed(stored));
        }
        let index = generated::index(id, self.generator.counts.tickets)
            .filter(|_| !self.removed_tickets.contains(&id))?;
        let mut ticket = self.generated_ticket(index, switches);
        ticket.replies = generated::replies(&self.generator, index, switches.time_zone);
        Some(Cow::Owned(ticket))
    }

    /// The generated ticket of an index as it was at first, without its replies.
    pub(crate) fn generated_ticket(&self, index: u64, switches: &Switches) -> Ticket {
        generated::ticket(&self.generator, index, switches.time_zone)
    }

    /// A contact, stored or generated.
    pub(crate) fn contact(&self, id: u64, switches: &Switches) -> Option<Cow<'_, Contact>> {
        if let Some(stored) = self.contacts.iter().find(|contact| contact.c_id == id) {
            return Some(Cow::Borrowed(stored));
        }
        let index = generated::index(id, self.generator.counts.contacts)?;
        Some(Cow::Owned(generated::contact(&self.generator, index, switches.time_zone)))
    }

    /// The company of a contact; `None` for an unknown contact or one without a company.
    pub(crate) fn company_of(&self, contact: u64) -> Option<u64> {
        let contact = self.contact(contact, &Switches::default())?;
        Some(contact.company_id).filter(|company| *company != 0)
    }

    /// Whether a reply with this id exists. The replies of a ticket that was changed are stored with it.
    pub(crate) fn has_reply(&self, id: u64) -> bool {
        let stored = || self.tickets.values().flat_map(|ticket| &ticket.replies);
        generated::index(id, self.generator.counts.replies).is_some()
            || stored().any(|reply| reply.ticket_reply_id == id)
    }

    /// Stores a new ticket; its id is assigned here unless it has one.
    pub(crate) fn add(&mut self, mut ticket: Ticket) -> u64 {
        if ticket.ticket_id == 0 {
            ticket.ticket_id = self.next_ticket_id;
        }
        if ticket.ticket_id < FIRST_ID {
            self.next_ticket_id = self.next_ticket_id.max(ticket.ticket_id.saturating_add(1));
        }
        let id = ticket.ticket_id;
        self.tickets.insert(id, ticket);
        id
    }

    /// Removes a ticket, stored or generated; whether it was there.
    pub(crate) fn remove(&mut self, id: u64, switches: &Switches) -> bool {
        let was_there = self.ticket(&id.to_string(), switches).is_some();
        self.tickets.remove(&id);
        self.removed_tickets.insert(id);
        was_there
    }

    /// The indices of generated tickets that are not as they were at first.
    pub(crate) fn changed_tickets(&self) -> BTreeSet<u64> {
        let removed = self.removed_tickets.range(FIRST_ID..).map(|id| id - FIRST_ID);
        generated::changed(&self.tickets).into_iter().chain(removed).collect()
    }

    pub(crate) fn new_reply_id(&mut self) -> u64 {
        let id = self.next_reply_id;
        self.next_reply_id += 1;
        id
    }

    pub(crate) fn new_option_id(&mut self) -> u64 {
        let id = self.next_option_id;
        self.next_option_id += 1;
        id
    }

    /// A company, stored or generated.
    pub(crate) fn company(&self, id: &str, switches: &Switches) -> Option<Cow<'_, Company>> {
        let id: u64 = id.parse().ok()?;
        if let Some(stored) = self.companies.get(&id) {
            return Some(Cow::Borrowed(stored));
        }
        let index = generated::index(id, self.generator.counts.companies)?;
        Some(Cow::Owned(self.generated_company(index, switches)))
    }

    /// The generated company of an index as it was at first.
    pub(crate) fn generated_company(&self, index: u64, switches: &Switches) -> Company {
        Company::of(self.generator.company(index), switches.time_zone)
    }

    pub(crate) fn has_company(&self, id: u64) -> bool {
        self.companies.contains_key(&id) || generated::index(id, self.generator.counts.companies).is_some()
    }

    /// A view, stored or generated.
    pub(crate) fn view(&self, id: &str) -> Option<Cow<'_, View>> {
        if let Some(stored) = self.views.iter().find(|view| view.id == id) {
            return Some(Cow::Borrowed(stored));
        }
        let index = generated::index(id.parse().ok()?, self.generator.counts.views)?;
        (!self.removed_views.contains(&index)).then(|| Cow::Owned(generated::view(index)))
    }

    /// All views, in no order.
    pub(crate) fn all_views(&self) -> Vec<Cow<'_, View>> {
        let stored: BTreeSet<&str> = self.views.iter().map(|view| view.id.as_str()).collect();
        let made = (0..self.generator.counts.views)
            .filter(|index| !self.removed_views.contains(index))
            .map(generated::view)
            .filter(|view| !stored.contains(view.id.as_str()));
        self.views.iter().map(Cow::Borrowed).chain(made.map(Cow::Owned)).collect()
    }

    /// Stores a view in place of the one that has its id.
    pub(crate) fn put_view(&mut self, view: View) {
        self.views.retain(|other| other.id != view.id);
        self.views.push(view);
    }

    /// Removes a view, stored or generated; whether it was there.
    pub(crate) fn remove_view(&mut self, id: &str) -> bool {
        let was_there = self.view(id).is_some();
        self.views.retain(|view| view.id != id);
        let index = id.parse().ok().and_then(|id| generated::index(id, self.generator.counts.views));
        self.removed_views.extend(index);
        was_there
    }

    pub(crate) fn template(&self, id: u64) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }

    /// The fields with this key; the vendor does not keep keys unique.
    pub(crate) fn fields_with_key<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.key == key && !field.is_system())
    }

    /// By its id, which the endpoints of options call `columnId`.
    pub(crate) fn custom_field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id && !field.is_system())
    }

    pub(crate) fn custom_field_mut(&mut self, id: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.id == id && !field.is_system())
    }

    pub(crate) fn support(&self, id: u64) -> Option<&Support> {
        self.people.supports.iter().find(|support| support.id == id)
    }

    pub(crate) fn groups_of(&self, support_id: u64) -> Vec<u64> {
        self.support(support_id).map(Support::group_ids).unwrap_or_default()
    }

    pub(crate) fn has_group(&self, id: u64) -> bool {
        self.people.groups.iter().any(|group| group.id == id)
    }

    pub(crate) fn has_contact(&self, id: u64) -> bool {
        generated::index(id, self.generator.counts.contacts).is_some()
            || self.contacts.iter().any(|contact| contact.c_id == id)
    }
}

fn by_id<T: DeserializeOwned>(json: &str, id: impl Fn(&T) -> u64) -> serde_json::Result<BTreeMap<u64, T>> {
    let all: Vec<T> = json::from_str(json)?;
    Ok(all.into_iter().map(|one| (id(&one), one)).collect())
}

/// The id for a new one: above all that are there, except the generated ones. None is ever removed, so none is
/// given twice.
pub(crate) fn next_id<T>(all: &BTreeMap<u64, T>) -> u64 {
    all.range(..FIRST_ID).next_back().map_or(1, |(id, _)| id.saturating_add(1))
}

fn as_list<T: Serialize, S: serde::Serializer>(
    all: &BTreeMap<u64, T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.values())
}
