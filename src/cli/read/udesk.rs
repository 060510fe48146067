//! Everything that Udesk can be asked for, without what changes it: `find_or_create_customer` is left out, which
//! creates one in spite of its name.

use clap::{Subcommand, ValueEnum};

use super::lines::{Lines, all, each, one};
use crate::udesk::{Category, Client, Error, FieldDefinition, LookUp, OrganizationKey, Search, V1, V2};

/// One variant an operation; what it says of itself stands in the list of resources.
#[derive(Subcommand)]
pub(super) enum Resource {
    /// All tickets
    #[command(name = "udesk/v1/tickets")]
    V1Tickets,
    /// The tickets of the customer with this e-mail address
    #[command(name = "udesk/v1/customer-tickets")]
    V1CustomerTickets { email: String },
    /// One ticket
    #[command(name = "udesk/v1/ticket")]
    V1Ticket { id: u64 },
    /// The custom fields of tickets; without the options of cascades, which v2 has right
    #[command(name = "udesk/v1/ticket-fields")]
    V1TicketFields,
    /// The stored filters
    #[command(name = "udesk/v1/ticket-filters")]
    V1TicketFilters {
        /// Only those of this agent
        #[arg(long, value_name = "ID")]
        agent: Option<u64>,
    },
    /// The tickets that a stored filter finds
    #[command(name = "udesk/v1/filter-tickets")]
    V1FilterTickets {
        id: u64,
        /// As this agent sees them, not the administrator
        #[arg(long, value_name = "ID")]
        agent: Option<u64>,
    },
    /// All customers
    #[command(name = "udesk/v1/customers")]
    V1Customers,
    /// All tickets
    #[command(name = "udesk/v2/tickets")]
    V2Tickets,
    /// The tickets that a stored filter finds
    #[command(name = "udesk/v2/filter-tickets")]
    V2FilterTickets { id: u64 },
    /// One ticket
    #[command(name = "udesk/v2/ticket")]
    V2Ticket { id: u64 },
    /// The replies to a ticket, oldest first
    #[command(name = "udesk/v2/replies")]
    V2Replies { ticket: u64 },
    /// The satisfaction survey of tickets
    #[command(name = "udesk/v2/survey")]
    V2Survey,
    /// The custom fields of a category with their options
    #[command(name = "udesk/v2/custom-fields")]
    V2CustomFields {
        #[arg(long, default_value = "ticket")]
        category: Of,
    },
    /// One custom field of any category
    #[command(name = "udesk/v2/custom-field")]
    V2CustomField { id: u64 },
    /// The customers, 10,000 at most
    #[command(name = "udesk/v2/customers")]
    V2Customers(Wanted),
    /// The customer with this telephone number
    #[command(name = "udesk/v2/customer")]
    V2Customer { cellphone: String },
    /// The organizations, 100 pages at most
    #[command(name = "udesk/v2/organizations")]
    V2Organizations(Wanted),
    /// One organization: by its id, its name or its id in another system
    #[command(name = "udesk/v2/organization")]
    V2Organization(Key),
    /// The agents
    #[command(name = "udesk/v2/agents")]
    V2Agents {
        /// The disabled ones too
        #[arg(long)]
        with_disabled: bool,
    },
    /// The groups of agents with their members
    #[command(name = "udesk/v2/user-groups")]
    V2UserGroups,
    /// One group of agents with its members and their addresses
    #[command(name = "udesk/v2/user-group")]
    V2UserGroup { id: u64 },
}

/// What a field belongs to.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Of {
    Ticket,
    Customer,
    Organization,
}

#[derive(clap::Args)]
pub(super) struct Wanted {
    /// Only those that have this keyword
    #[arg(long, value_name = "KEYWORD")]
    query: Option<String>,
    /// Only those that this stored filter finds
    #[arg(long, value_name = "ID")]
    filter: Option<u64>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Key {
    id: Option<u64>,
    #[arg(long)]
    name: Option<String>,
    /// The id in another system
    #[arg(long)]
    token: Option<String>,
}

impl Resource {
    /// Nothing is sent before the first line is asked for.
    pub(super) fn read(self, client: &Client) -> Lines {
        let (v1, v2) = (client.v1(), client.v2());
        match self {
            Self::V1Tickets => each(v1.tickets()),
            Self::V1CustomerTickets { email } => each(v1.customer_tickets(&email)),
            Self::V1Ticket { id } => one(async move { v1.ticket(id).await }),
            Self::V1TicketFields => all(v1_fields(v1)),
            Self::V1TicketFilters { agent } => all(async move { v1.ticket_filters(agent).await }),
            Self::V1FilterTickets { id, agent } => each(v1.filter_tickets(id, agent)),
            Self::V1Customers => each(v1.customers()),
            Self::V2Tickets => each(v2.tickets()),
            Self::V2FilterTickets { id } => each(v2.filter_tickets(id)),
            Self::V2Ticket { id } => one(async move { v2.ticket(id).await }),
            Self::V2Replies { ticket } => all(async move { v2.replies(ticket).await }),
            Self::V2Survey => one(async move { v2.survey().await }),
            Self::V2CustomFields { category } => all(v2_fields(v2, category.into())),
            Self::V2CustomField { id } => one(async move { v2.custom_field(id).await }),
            Self::V2Customers(wanted) => each(v2.customers(wanted.search())),
            Self::V2Customer { cellphone } => {
                one(async move { v2.customer(&LookUp::Cellphone(cellphone)).await })
            }
            Self::V2Organizations(wanted) => each(v2.organizations(wanted.search())),
            Self::V2Organization(key) => one(async move { v2.organization(&key.into()).await }),
            Self::V2Agents { with_disabled } => each(v2.agents(with_disabled)),
            Self::V2UserGroups => each(v2.user_groups()),
            Self::V2UserGroup { id } => one(async move { v2.user_group(id).await }),
        }
    }
}

impl Wanted {
    fn search(&self) -> Search<'_> {
        Search { filter_id: self.filter, query: self.query.as_deref() }
    }
}

async fn v1_fields(v1: V1) -> Result<Vec<FieldDefinition>, Error> {
    Ok(v1.ticket_fields().await?.iter().cloned().collect())
}

async fn v2_fields(v2: V2, category: Category) -> Result<Vec<FieldDefinition>, Error> {
    Ok(v2.custom_fields(category).await?.iter().cloned().collect())
}

impl From<Of> for Category {
    fn from(of: Of) -> Self {
        match of {
            Of::Ticket => Self::Ticket,
            Of::Customer => Self::Customer,
            Of::Organization => Self::Organization,
        }
    }
}

impl From<Key> for OrganizationKey {
    fn from(key: Key) -> Self {
        match key {
            Key { id: Some(id), .. } => Self::Id(id),
            Key { name: Some(name), .. } => Self::Name(name),
            // The command line has refused a look-up by nothing.
            Key { token, .. } => Self::Token(token.unwrap_or_default()),
        }
    }
}
