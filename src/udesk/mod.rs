//! A typed client of the Udesk open API, both families: v1 (`/api/…`) and v2 (`/open_api_v1/…`).
//!
//! It promises that every answer ends in a value or in one [`Error`] named by what the caller can do, that nothing
//! it reads grows without limit, and that neither a secret nor a signature, nor what people wrote, reaches a log, a
//! `Debug` output or an error. What is read can be serialised; passwords and the vendor's own bytes are left out. It
//! deliberately repeats nothing but a refused v2 signature: when to try again is the caller's decision, and
//! [`Error::retry`] and [`Error::effect_unknown`] say what it needs for that.
//!
//! A ticket is one type to read ([`Ticket`]) and one to write ([`TicketDraft`]), whatever the family; the tables
//! that turn them into each call's own spelling are here and nowhere else. The chat calls and pushes are left out.
//!
//! Section numbers in the comments (§) are those of the project's Udesk contract document.

mod client;
mod options;
mod v1;
mod v2;
mod ticket;
mod draft;
mod fields;
mod vocabulary;
mod error;
mod code;
mod request;
mod transport;
mod answer;
mod page;
mod scalar;
mod given;
mod message;
mod redact;
pub mod sign;

pub use client::Client;
pub use code::Cause;
pub use draft::{Assignee, Comment, CustomerKey, Followers, Group, Inexpressible, TicketDraft, Visibility};
pub use error::{Error, Retry};
pub use fields::{FieldDefinition, FieldDefinitions, FieldKind, FieldOption, FieldValue};
pub use options::{Options, V2Credentials};
pub use page::Page;
pub use request::{Endpoint, Family, Operation};
pub use ticket::{Current, Ticket, TicketCustomer};
pub use v1::{TicketFilter, V1, V1Customer};
pub use v2::{
    Agent, Author, Category, Customer, CustomerDraft, GroupAgent, LookUp, Organization, OrganizationKey,
    Reply, Search, SipAccount, Survey, SurveyOption, UserGroup, V2,
};
pub use vocabulary::{ContentType, Platform, Priority, Status};
