//! What shows ticket views of a connection, and to whom.

use std::time::Duration;

use crate::{
    bangwo8,
    config::{self, Connection},
    http, ticketview, webhook,
};

pub(super) fn view_source(connection: &Connection, client: bangwo8::Client) -> ticketview::Source {
    ticketview::Source {
        connection: connection.name.clone(),
        client,
        time_zone: connection.target.time_zone.clone(),
        every: Duration::from_secs(connection.ticketviews.refresh_s),
        history: Duration::from_secs(connection.ticketviews.history_days.saturating_mul(24 * 60 * 60)),
        subscribers: connection
            .ticketviews
            .subscribers
            .iter()
            .map(|it| subscription(connection, it))
            .collect(),
    }
}

pub(super) fn listed(
    connection: &Connection,
    settings: &config::Subscriber,
    client: &webhook::Subscriber,
) -> http::Subscriber {
    http::Subscriber {
        name: settings.name.clone(),
        journal: settings.journal(&connection.name),
        origin: client.origin(),
        views: settings.views.clone(),
    }
}

/// Nothing of a connection that lets no page in.
pub(super) fn origins(connection: &Connection) -> Option<(String, Vec<String>)> {
    let origins = connection.ticketviews.cors_origins.iter().map(|origin| origin.as_str().to_owned());
    Some((connection.name.clone(), origins.collect::<Vec<_>>())).filter(|(_, origins)| !origins.is_empty())
}

fn subscription(connection: &Connection, settings: &config::Subscriber) -> ticketview::Subscription {
    ticketview::Subscription {
        name: settings.name.clone(),
        journal: settings.journal(&connection.name),
        views: settings.views.clone(),
    }
}
