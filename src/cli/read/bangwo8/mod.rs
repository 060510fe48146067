//! Everything that Bangwo8 can be asked for, without what changes it.

mod bindings;
mod extension;
mod filters;
mod search;
mod window;

use clap::Subcommand;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    super::Failure,
    lines::{Lines, all, each, one},
};
use crate::bangwo8::{AttachmentId, Client, Company, CompanyId, ContactId, Error, TicketId};

/// One variant an operation; what it says of itself stands in the list of resources.
#[derive(Subcommand)]
pub(super) enum Resource {
    /// All tickets; needs an administrator
    #[command(name = "bangwo8/tickets")]
    Tickets(filters::Tickets),
    /// A company's tickets; needs an administrator
    #[command(name = "bangwo8/company-tickets")]
    CompanyTickets {
        company: String,
        #[command(flatten)]
        filter: filters::Tickets,
    },
    /// A contact's tickets; needs an administrator
    #[command(name = "bangwo8/contact-tickets")]
    ContactTickets {
        contact: String,
        #[command(flatten)]
        filter: filters::Tickets,
    },
    /// One ticket
    #[command(name = "bangwo8/ticket")]
    Ticket { id: String },
    /// One ticket in the new style: form fields as rows, choices by the ids of their options
    #[command(name = "bangwo8/ticket-v2")]
    TicketV2 { id: String },
    /// What is known about an attachment
    #[command(name = "bangwo8/attachment")]
    Attachment { id: String },
    /// All ticket views with their counts, the disabled ones too
    #[command(name = "bangwo8/ticketviews")]
    Ticketviews,
    /// One ticket view with its count
    #[command(name = "bangwo8/ticketview")]
    Ticketview { id: String },
    /// A ticket view's tickets; view 2 has all of them, for any support agent
    #[command(name = "bangwo8/ticketview-tickets")]
    TicketviewTickets { id: String },
    /// How many tickets a ticket view has
    #[command(name = "bangwo8/ticketview-count")]
    TicketviewCount { id: String },
    /// How many tickets each of several ticket views has
    #[command(name = "bangwo8/ticketview-counts")]
    TicketviewCounts {
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// The custom fields of tickets with their options
    #[command(name = "bangwo8/ticket-fields")]
    TicketFields,
    /// The fields of tickets, the system's own too
    #[command(name = "bangwo8/ticket-fields-with-system")]
    TicketFieldsWithSystem,
    /// The ticket templates; needs an administrator
    #[command(name = "bangwo8/ticket-templates")]
    TicketTemplates,
    /// All companies
    #[command(name = "bangwo8/companies")]
    Companies(filters::Days),
    /// One company
    #[command(name = "bangwo8/company")]
    Company { id: String },
    /// Several companies; unknown ones are missing
    #[command(name = "bangwo8/companies-by-id")]
    CompaniesById {
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Companies that a text is found in
    #[command(name = "bangwo8/company-search")]
    CompanySearch(search::Args),
    /// The id of the company of exactly this name
    #[command(name = "bangwo8/company-named")]
    CompanyNamed { name: String },
    /// The fields of companies; needs an administrator
    #[command(name = "bangwo8/company-fields")]
    CompanyFields,
    /// All contacts
    #[command(name = "bangwo8/contacts")]
    Contacts(filters::Days),
    /// One contact
    #[command(name = "bangwo8/contact")]
    Contact { id: String },
    /// The customer groups; needs an administrator
    #[command(name = "bangwo8/customer-groups")]
    CustomerGroups,
    /// One customer group; needs an administrator
    #[command(name = "bangwo8/customer-group")]
    CustomerGroup { id: String },
    /// Several customer groups; unknown ones are missing
    #[command(name = "bangwo8/customer-groups-by-id")]
    CustomerGroupsById {
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// The bindings of contacts to another system's users
    #[command(name = "bangwo8/bindings")]
    Bindings(bindings::Args),
    /// The support agents; needs an administrator
    #[command(name = "bangwo8/support-agents")]
    SupportAgents(filters::Agents),
    /// One support agent
    #[command(name = "bangwo8/support-agent")]
    SupportAgent { id: String },
    /// The rows of an asset table
    #[command(name = "bangwo8/asset-rows")]
    AssetRows(extension::Rows),
    /// The rows that a company field's external extension offers, and what each would fill in
    #[command(name = "bangwo8/extension-rows")]
    ExtensionRows(extension::Args),
}

/// A company by its name.
#[derive(Serialize)]
struct Named {
    id: CompanyId,
}

/// How many tickets a ticket view has.
#[derive(Serialize)]
struct Count {
    id: String,
    ticket_count: u64,
}

impl Resource {
    /// Nothing is sent before the first line is asked for. `zone` is what a time without one means.
    ///
    /// Errors: usage, for a parameter that only the client can tell to be wrong.
    pub(super) fn read(self, client: Client, zone: &TimeZone) -> Result<Lines, Failure> {
        Ok(match self {
            Self::Tickets(args) => each(client.tickets(&args.filter(zone)?)),
            Self::CompanyTickets { company, filter } => {
                each(client.company_tickets(&CompanyId::new(company), &filter.filter(zone)?))
            }
            Self::ContactTickets { contact, filter } => {
                each(client.contact_tickets(&ContactId::new(contact), &filter.filter(zone)?))
            }
            Self::Ticket { id } => one(async move { client.ticket(&TicketId::new(id)).await }),
            Self::TicketV2 { id } => one(async move { client.ticket_v2(&TicketId::new(id)).await }),
            Self::Attachment { id } => one(async move { client.attachment(&AttachmentId::new(id)).await }),
            Self::Ticketviews => all(async move { client.list_ticketviews().await }),
            Self::Ticketview { id } => one(async move { client.ticketview(&id).await }),
            Self::TicketviewTickets { id } => each(client.ticketview_tickets(&id)),
            Self::TicketviewCount { id } => one(async move { count(&client, id).await }),
            Self::TicketviewCounts { ids } => all(async move { counts(&client, &ids).await }),
            Self::TicketFields => all(async move { client.ticket_fields().await }),
            Self::TicketFieldsWithSystem => all(async move { client.ticket_fields_with_system().await }),
            Self::TicketTemplates => all(async move { client.ticket_templates().await }),
            Self::Companies(args) => each(client.companies(&args.companies()?)),
            Self::Company { id } => one(async move { client.company(&CompanyId::new(id)).await }),
            Self::CompaniesById { ids } => all(async move { companies(&client, ids).await }),
            Self::CompanySearch(args) => each(client.company_search(&args.search()?)),
            Self::CompanyNamed { name } => all(async move { named(&client, &name).await }),
            Self::CompanyFields => all(async move { client.company_fields().await }),
            Self::Contacts(args) => each(client.contacts(&args.contacts()?)),
            Self::Contact { id } => one(async move { client.contact_v2(&ContactId::new(id)).await }),
            Self::CustomerGroups => all(async move { client.customer_groups().await }),
            Self::CustomerGroup { id } => one(async move { client.customer_group(&id).await }),
            Self::CustomerGroupsById { ids } => {
                all(async move { client.customer_groups_by_id(&texts(&ids)).await })
            }
            Self::Bindings(args) => all(async move { args.read(&client).await }),
            Self::SupportAgents(args) => each(client.support_agents(&args.filter(zone)?)),
            Self::SupportAgent { id } => one(async move { client.support_agent(&id).await }),
            Self::AssetRows(args) => each(args.read(&client)),
            Self::ExtensionRows(args) => each(args.read(&client)?),
        })
    }
}

async fn count(client: &Client, id: String) -> Result<Count, Error> {
    let ticket_count = client.ticketview_count(&id).await?;
    Ok(Count { id, ticket_count })
}

async fn counts(client: &Client, ids: &[String]) -> Result<Vec<Count>, Error> {
    let counts = client.ticketview_counts(&texts(ids)).await?;
    Ok(counts.into_iter().map(|(id, ticket_count)| Count { id, ticket_count }).collect())
}

async fn companies(client: &Client, ids: Vec<String>) -> Result<Vec<Company>, Error> {
    let ids: Vec<CompanyId> = ids.into_iter().map(CompanyId::new).collect();
    client.companies_by_id(&ids).await
}

/// None or one.
async fn named(client: &Client, name: &str) -> Result<Vec<Named>, Error> {
    let id = client.company_named(name).await?;
    Ok(id.map(|id| Named { id }).into_iter().collect())
}

fn texts(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}
