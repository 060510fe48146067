//! What the operator sets: process settings from the environment, and the connections file.

mod file;
mod interval;
mod keys;
mod load;
mod nets;
mod origin;
mod patience;
mod privacy;
mod same;
mod secret;
mod settings;
mod source;
mod target;
mod ticketviews;
mod tries;
mod types;

pub use self::{
    keys::{ApiKey, RateLimit, Scope, SecretKey, VerifyKey},
    nets::Nets,
    origin::Origin,
    patience::Patience,
    privacy::Privacy,
    secret::named_secret,
    settings::{ENVIRONMENT, Given, LogFormat, MetricsAccess, Settings, is_service_link, unknown_settings},
    source::{Poll, PushPlace, Source, SourceApi, Verify},
    target::{Auth, Limits, LinkMarker, Target},
    ticketviews::{Subscriber, TicketViews},
    tries::{OnDead, OnUncertain, Retry},
    types::{Config, Connection, Drift, Named, Skip},
};
