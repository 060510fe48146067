//! Events to post, and when they were accepted.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    Options, Result,
    process::client,
    service::{KEY, Service},
};

/// Posts at once where all are to be accepted before any is delivered.
const AT_ONCE: usize = 64;

/// An event that was answered with 202.
pub(crate) struct Posted {
    /// Number of its connection.
    pub(crate) connection: usize,
    pub(crate) subject: String,
    pub(crate) accepted_at: Timestamp,
}

/// The subject of the ticket number `id` of a round.
pub(crate) fn subject(round: &str, id: usize) -> String {
    format!("{round} 打印机离线 {id}")
}

/// A ticket as Udesk has it, of an ordinary size.
fn event(round: &str, id: usize) -> Value {
    json!({
        "id": format!("{round}-{id}"),
        "type": "ticket.created",
        "data": {
            "id": id,
            "subject": subject(round, id),
            "content": CONTENT,
            "platform": "邮件",
            "priority": "紧急",
            "status": "solving",
            "user": "测试客户",
            "created_at": "2016-07-28 20:44:08 +0800",
            "updated_at": "2017-05-04 14:26:18 +0800",
        },
    })
}

/// What the customer says.
pub(crate) const CONTENT: &str =
    "三楼的打印机从今天早上开始一直显示离线，重启以后也没有恢复，请尽快派人来看一下。";

/// Posts so many events to the first connection, as fast as they are accepted.
pub(crate) async fn post_all(service: &Service, round: &str, events: usize) -> Result<()> {
    let poster = Poster::new(service, round)?;
    let posts = (1..=events).map(|id| poster.clone().post(0, id));
    stream::iter(posts).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    Ok(())
}

/// Posts events at a steady rate, to one connection after the other, however long the answers take.
pub(crate) async fn post_steadily(service: &Service, round: &str, options: &Options) -> Result<Vec<Posted>> {
    let (poster, started) = (Poster::new(service, round)?, Instant::now());
    let events = usize::try_from(options.rate * options.seconds)?;
    let mut posts = JoinSet::new();
    for id in 1..=events {
        tokio::time::sleep_until(started + Duration::from_secs_f64(id as f64 / options.rate as f64)).await;
        posts.spawn(poster.clone().post(id % service.connections, id));
    }
    posts.join_all().await.into_iter().collect()
}

#[derive(Clone)]
struct Poster {
    client: reqwest::Client,
    url: Arc<str>,
    round: Arc<str>,
}

impl Poster {
    fn new(service: &Service, round: &str) -> Result<Self> {
        Ok(Self { client: client()?, url: service.url.as_str().into(), round: round.into() })
    }

    async fn post(self, connection: usize, id: usize) -> Result<Posted> {
        let url = format!("{}/v1/connections/c{connection}/events", self.url);
        let answer = self.client.post(url).bearer_auth(KEY).json(&event(&self.round, id)).send().await?;
        let accepted_at = Timestamp::now();
        if answer.status().as_u16() != 202 {
            return Err(format!("not accepted: {}", answer.text().await?).into());
        }
        answer.bytes().await?;
        Ok(Posted { connection, subject: subject(&self.round, id), accepted_at })
    }
}
