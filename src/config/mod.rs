//! What the operator sets: process settings from the environment, and the connections file.

mod file;
mod load;
mod origin;
mod same;
mod secret;
mod settings;
mod types;

pub use self::{
    origin::Origin,
    secret::named_secret,
    settings::{LogFormat, Overrides, Settings, SettingsError},
    types::{
        ApiKey, Auth, Config, Connection, Drift, Limits, LinkMarker, Named, OnDead, OnUncertain, Poll,
        PushPlace, Retry, Scope, SecretKey, Skip, Source, SourceApi, Target, TicketViews, Verify,
    },
};
