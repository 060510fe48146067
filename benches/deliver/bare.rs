//! The peer: nothing but the calls, with the same library and the same body.

use deskbridge::sandbox::credentials;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::{
    Options, Result,
    desk::{Desk, Effects},
    events::{CONTENT, subject},
    process::client,
};

/// Makes as many tickets as a round of the service does.
pub(crate) async fn round(desk: &mut Desk, round: usize, options: &Options) -> Result<Effects> {
    let (name, url, client) =
        (format!("bare-{round}"), format!("{}/api/v1/tickets.json", desk.url()), client()?);
    let call = |id: usize| {
        let ticket = json!({
            "subject": subject(&name, id), "descript": CONTENT, "ticketStatus": 2, "priorityLevel": 4,
            "ticketSource": 9, "custUserId": 21_101_341,
        });
        let (account, password) = (credentials::BANGWO8_ADMIN_ACCOUNT, credentials::BANGWO8_ADMIN_PASSWORD);
        let request =
            client.post(&url).basic_auth(account, Some(password)).json(&json!({ "ticket": ticket }));
        async move { request.send().await?.error_for_status()?.bytes().await }
    };
    let calls = stream::iter((1..=options.events).map(call)).buffer_unordered(options.concurrency);
    calls.try_for_each(|_| async { Ok(()) }).await?;
    desk.effects(&name, options.events).await
}
