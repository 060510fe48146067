//! A process that dies before a long queue, and how soon the next one goes on.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    Result,
    desk::Desk,
    place::Place,
    process::client,
    service::{Connections, KEY, Service},
};

/// Deliveries before the death: enough to be in the midst of it.
const BEFORE: usize = 100;
const WORKERS: usize = 32;
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Longer than the simulator takes for a request.
const SILENCE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(120);

/// From the start of the second process.
pub(crate) struct Recovery {
    pub(crate) first_accept: Duration,
    pub(crate) first_delivery: Duration,
}

pub(crate) async fn measure(place: &Place, folder: &Path) -> Result<Recovery> {
    let mut desk = Desk::start(folder).await?;
    let connections = Connections { at: desk.url(), well: 1, dead: 0, concurrency: WORKERS };
    let launch = || Service::launch(&place.url(), &folder.join("service"), &connections, WORKERS);
    let first = launch()?;
    desk.effects("", BEFORE).await?;
    // Its end is a SIGKILL.
    drop(first);
    silence(&mut desk).await?;
    let (started, started_at) = (Instant::now(), Timestamp::now());
    let second = launch()?;
    let (first_accept, first_delivery) = timeout(PATIENCE, async {
        tokio::try_join!(accepted(&second, started), delivered(&mut desk, started_at))
    })
    .await
    .map_err(|_| format!("nothing was accepted or delivered within {PATIENCE:?} of the second start"))??;
    Ok(Recovery { first_accept, first_delivery })
}

/// Until what the dead process had sent has taken effect: it would be taken for the next one's.
async fn silence(desk: &mut Desk) -> Result<()> {
    loop {
        sleep(SILENCE).await;
        if desk.next_effect()?.is_none() {
            return Ok(());
        }
        while desk.next_effect()?.is_some() {}
    }
}

/// Until an event is answered with 202.
async fn accepted(service: &Service, started: Instant) -> Result<Duration> {
    let (client, url) = (client()?, format!("{}/v1/connections/c0/events", service.url));
    let event = json!({
        "id": "after-the-death", "type": "ticket.created",
        "data": { "id": 1, "subject": "打印机离线", "content": "重启以后也没有恢复", "status": "solving" },
    });
    loop {
        match client.post(&url).bearer_auth(KEY).json(&event).send().await {
            Ok(answer) if answer.status() == 202 => return Ok(started.elapsed()),
            Ok(answer) => return Err(format!("not accepted: {}", answer.text().await?).into()),
            // Nobody listens yet.
            Err(_) => sleep(LOOK_EVERY).await,
        }
    }
}

/// Until a ticket is made, by the simulator's clock, which is this machine's.
async fn delivered(desk: &mut Desk, started: Timestamp) -> Result<Duration> {
    loop {
        match desk.next_effect()? {
            Some((_, at)) if at > started => return Ok(at.duration_since(started).try_into()?),
            Some(_) => {}
            None => sleep(LOOK_EVERY).await,
        }
    }
}
