//! Who is sent what changes in a connection's ticket views.

use std::collections::BTreeSet;

use url::Url;

use super::Loader;
use crate::{
    config::{
        file::SubscriberEntry,
        keys::SecretKey,
        ticketviews::{Subscriber, TicketViews},
    },
    diagnostic::{Place, Spanned, place},
};

impl Loader<'_> {
    /// Without those that have a problem.
    pub(super) fn ticketviews(&mut self, entry: &TicketViews<Spanned<SubscriberEntry>>) -> TicketViews {
        self.subscribers_have_readings(entry);
        let entries = &entry.subscribers;
        for (i, one) in entries.iter().enumerate() {
            let name = &one.value.name;
            self.name("subscriber", &name.value, place(name));
            if entries[..i].iter().any(|earlier| earlier.value.name.value == name.value) {
                self.problem(place(name), format!("a second subscriber is named {}", name.value));
            }
        }
        let subscribers = entries.iter().filter_map(|entry| self.subscriber(&entry.value)).collect();
        entry.with(subscribers)
    }

    fn subscribers_have_readings(&mut self, entry: &TicketViews<Spanned<SubscriberEntry>>) {
        if let (0, Some(first)) = (entry.refresh_s, entry.subscribers.first()) {
            let message = "the connection reads no ticket views, so that its subscribers would hear of nothing: \
                           set refresh_s, or leave subscribers out";
            self.problem(place(first), message);
        }
    }

    fn subscriber(&mut self, entry: &SubscriberEntry) -> Option<Subscriber> {
        let url = self.receiver(&entry.url);
        let secrets = [Some(&entry.secret), entry.secret_before.as_ref()];
        let keys: Vec<Option<SecretKey>> =
            secrets.into_iter().flatten().map(|secret| self.signing_key(secret)).collect();
        let views = entry.views.as_ref().map(|views| self.views(views));
        Some(Subscriber {
            name: entry.name.value.clone(),
            place: place(&entry.url),
            url: url?,
            keys: keys.into_iter().collect::<Option<_>>()?,
            views,
            retry: entry.retry.clone(),
        })
    }

    /// Not quoted, since its path and query may hold what lets one in.
    fn receiver(&mut self, text: &Spanned<String>) -> Option<Url> {
        let at = place(text);
        let example = "an address such as https://wall.example/hooks";
        let url = match Url::parse(&text.value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => url,
            _ => return self.refused(at, format!("a subscriber's url must be {example}")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            let why = "a subscriber's url must not have a user or a password: the receiver knows us by the signature";
            return self.refused(at, why.to_owned());
        }
        if url.fragment().is_some() {
            return self.refused(
                at,
                "a subscriber's url must not have a fragment (#…): it is never sent".to_owned(),
            );
        }
        Some(url)
    }

    fn refused<T>(&mut self, at: Place, why: String) -> Option<T> {
        self.problem(at, why);
        None
    }

    fn views(&mut self, views: &Spanned<Vec<String>>) -> BTreeSet<String> {
        if views.value.is_empty() {
            self.problem(place(views), "views names no view: leave it out for all of them");
        }
        views.value.iter().cloned().collect()
    }
}
