//! A typed client of the Bangwo8 REST API (`/api/v1`): tickets and their attachments, ticket views, companies,
//! contacts and their bindings, asset tables and the company page's use of them, field definitions and their options,
//! customer groups, support agents and templates.
//!
//! It promises that every answer ends either in a value or in one [`Error`] named by what the caller can do,
//! that nothing it reads grows without limit, and that no secret or ticket text reaches a log, a `Debug` output
//! or an error. What is read can be serialised; passwords and tokens are left out. It deliberately retries nothing but
//! a refused token: when to try again is the caller's decision, and [`Error::retry`] and [`Error::effect_unknown`] say
//! what it needs for that.
//!
//! Every paged list comes twice: `x_page` reads one page, and `xs` is a stream that reads a page when the one before
//! is used up, holds one page at most and always ends.
//!
//! Section numbers in the comments (§) are those of the project's Bangwo8 contract document. The vendor's
//! documentation contradicts itself on many spellings, so reading is lenient: only ids are required.

mod answer;
mod as_sent;
mod asset_extension;
mod asset_row;
mod assets;
mod attachments;
mod auth;
mod bindings;
mod client;
mod codes;
mod companies;
mod company;
mod company_query;
mod company_search;
mod company_write;
mod contact;
mod contacts;
mod created;
mod customer_groups;
mod draft;
mod error;
mod field;
mod field_options;
pub mod field_type;
mod fields;
mod message;
mod network;
mod options;
mod page;
mod pairs;
pub mod php;
mod query;
mod recording;
mod redacted;
mod refusal;
mod request;
mod scalar;
mod show_many;
mod support_agents;
mod templates;
mod ticket;
mod ticket_lists;
mod ticket_write;
mod tickets;
mod ticketviews;
mod transport;
mod turns;

pub use as_sent::AsSent;
pub use asset_extension::{
    AssetExtension, AssetFilter, AssetTableId, Condition, FieldKey, Filling, Fillings, InvalidExtension,
    Owner, OwnerRule, PageContext, PageOwner, TableChoice, UnresolvedTable,
};
pub use asset_row::{AssetRow, AssetRowWrite, OwnedBy, OwnerType};
pub use attachments::{Attachment, AttachmentId, AttachmentUpload, UploadPath};
pub use bindings::{AccountSource, Binding, BindingKey};
pub use client::Client;
pub use codes::Code;
pub use companies::CompanyFilter;
pub use company::{Company, CompanyId};
pub use company_query::{CompanySearch, Comparison, DayField, InvalidSearch};
pub use company_write::CompanyWrite;
pub use contact::{Contact, ContactId};
pub use contacts::ContactFilter;
pub use customer_groups::{CustomerGroup, CustomerGroupWrite};
pub use draft::Draft;
pub use error::{Error, Retry};
pub use field::{Field, FieldOption};
pub use field_options::{FieldOptions, OptionParent, OptionRef, OptionWrite, WrittenOption};
pub use network::Obstacle;
pub use options::{Auth, Options};
pub use page::Page;
pub use query::{Order, Window};
pub use recording::{Call, Recording};
pub use request::{Endpoint, InvalidRequestId, Method, RequestId};
pub use support_agents::{SupportAgent, SupportAgentFilter};
pub use templates::TicketTemplate;
pub use ticket::{Ticket, TicketId};
pub use ticket_lists::TicketFilter;
pub use ticket_write::{CustomFieldWrite, TicketWrite};
pub use ticketviews::TicketView;
