//! What the operator sets: process settings from the environment, and the connections file.

mod file;
mod load;
mod nets;
mod origin;
mod same;
mod secret;
mod settings;
mod types;

pub use self::{
    nets::Nets,
    origin::Origin,
    secret::named_secret,
    settings::{LogFormat, Overrides, Settings, SettingsError},
    types::{
        ApiKey, Auth, Config, Connection, Drift, Limits, LinkMarker, Named, OnDead, OnUncertain, Poll,
        PushPlace, Retry, Scope, SecretKey, Skip, Source, SourceApi, Subscriber, Target, TicketViews, Verify,
    },
};
