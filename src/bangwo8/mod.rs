//! A typed client of the Bangwo8 REST API (`/api/v1`): tickets in, ticket views and field lists out.
//!
//! It promises that every answer ends either in a value or in one [`Error`] named by what the caller can do,
//! that nothing it reads grows without limit, and that no secret or ticket text reaches a log, a `Debug` output
//! or an error. It deliberately retries nothing but a refused token: when to try again is the caller's decision,
//! and [`Error::retry`] and [`Error::effect_unknown`] say what it needs for that.
//!
//! Section numbers in the comments (§) are those of the project's Bangwo8 contract document. The vendor's
//! documentation contradicts itself on many spellings, so reading is lenient: only ids are required.

mod answer;
mod asset_extension;
mod assets;
mod attachments;
mod auth;
mod bindings;
mod client;
mod codes;
mod contact;
mod contacts;
mod created;
mod error;
mod options;
mod page;
mod query;
mod recording;
mod redacted;
mod refusal;
mod request;
mod scalar;
mod templates;
mod ticket;
mod ticket_fields;
mod ticket_lists;
mod ticket_write;
mod tickets;
mod ticketviews;
mod transport;

pub use asset_extension::{
    AssetExtension, AssetFilter, AssetTableId, Condition, FieldKey, Filling, Fillings, InvalidExtension,
    Owner, OwnerRule, PageContext, PageOwner, TableChoice, UnresolvedTable,
};
pub use assets::{AssetRow, AssetRowWrite, OwnedBy, OwnerType};
pub use attachments::{Attachment, AttachmentId, AttachmentUpload, UploadPath};
pub use bindings::{AccountSource, Binding, BindingKey};
pub use client::Client;
pub use codes::Code;
pub use contact::{Contact, ContactId};
pub use contacts::ContactFilter;
pub use error::{Error, Retry};
pub use options::{Auth, Options};
pub use page::Page;
pub use query::{Order, Window};
pub use recording::{Call, Recording};
pub use request::{Endpoint, InvalidRequestId, Method, RequestId};
pub use templates::TicketTemplate;
pub use ticket::{Ticket, TicketId};
pub use ticket_fields::{FieldOption, TicketField};
pub use ticket_lists::TicketFilter;
pub use ticket_write::{CustomFieldWrite, TicketWrite};
pub use ticketviews::TicketView;
