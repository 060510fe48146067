//! What the operator sets: process settings from the environment, and the connections file.

mod file;
mod load;
mod secret;
mod settings;

pub use self::{
    load::{
        ApiKey, Auth, Config, Connection, Limits, OnDead, Retry, Scope, Source, Target, TicketViews, Verify,
    },
    settings::{LogFormat, Overrides, Settings, SettingsError},
};
