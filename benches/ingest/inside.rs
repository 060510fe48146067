//! The service's own parts without HTTP: processor time an event costs in the journal alone, and in the whole
//! intake, with as many callers at once as the rounds have connections.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deskbridge::event::{Event, EventId, EventType, Lane, Redaction};
use deskbridge::intake::{Intake, Media, Schemas, SignatureHeaders, Signer, Source, Unverified};
use deskbridge::store::Store;
use jiff::Timestamp;

use crate::Result;
use crate::cost::Cost;
use crate::process::Usage;
use crate::request::{KEY, Signed, Template};

const EVENTS: usize = 30_000;
const CONNECTION: &str = "bench";

pub(crate) fn measure(template: &mut Template, folder: &Path, callers: usize) -> Result<Vec<Cost>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let mut events = || Arc::new((0..EVENTS).map(|_| template.next()).collect::<Vec<Signed>>());
    let (first, second) = (events(), events());
    let store = runtime.block_on(open(folder, "journal.db"))?;
    let journal = runtime.block_on(all(first, callers, move |event| {
        let store = store.clone();
        async move { Ok(store.accept(journaled(&event)?, Timestamp::now()).await.map(drop)?) }
    }))?;
    let intake = Arc::new(intake(runtime.block_on(open(folder, "intake.db"))?)?);
    let whole = runtime.block_on(all(second, callers, move |event| {
        let intake = intake.clone();
        async move { Ok(intake.accept(unverified(&event)).await.map(drop)?) }
    }))?;
    Ok(vec![
        Cost { part: "journal alone, all threads", each: journal },
        Cost { part: "intake without HTTP", each: whole },
    ])
}

/// Processor time an event, over all events, `callers` at a time.
async fn all<F, W>(events: Arc<Vec<Signed>>, callers: usize, work: W) -> Result<Duration>
where
    F: Future<Output = Result<()>> + Send + 'static,
    W: Fn(Signed) -> F + Clone + Send + 'static,
{
    let before = Usage::of_this_process()?;
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let (events, next, work) = (events.clone(), next.clone(), work.clone());
        running.spawn(async move {
            while let Some(event) = events.get(next.fetch_add(1, Ordering::Relaxed)) {
                work(event.clone()).await?;
            }
            Ok(())
        });
    }
    for result in running.join_all().await {
        let result: Result<()> = result;
        result?;
    }
    Ok(Usage::of_this_process()?.since(&before).cpu.div_f64(events.len() as f64))
}

async fn open(folder: &Path, name: &str) -> Result<Store> {
    Ok(Store::open(&format!("sqlite:{}", folder.join(name).display()), Timestamp::now()).await?)
}

fn intake(store: Store) -> Result<Intake> {
    let schemas =
        Schemas::load(Path::new("no folder of its own")).map_err(|_| "the shipped schemas are broken")?;
    let source = Source {
        vendor: "udesk".into(),
        signers: vec![Signer::new(KEY)],
        api_key: false,
        push_tokens: Vec::new(),
        rereads: false,
        redaction: Redaction::default(),
        limit: None,
    };
    Ok(Intake::new(HashMap::from([(CONNECTION.to_owned(), source)]), schemas, store))
}

fn journaled(event: &Signed) -> Result<Event> {
    Ok(Event {
        connection: CONNECTION.into(),
        id: EventId::plain(&event.id)?,
        event_type: EventType::TicketCreated,
        lane: Lane::new("ticket", &event.id)?,
        time: None,
        traceparent: None,
        body: event.body.clone().into(),
        digest: None,
        data: 0..event.body.len(),
        hint: false,
        version: None,
        verified_by: None,
    })
}

fn unverified(event: &Signed) -> Unverified {
    let (timestamp, signatures) = event.headers();
    Unverified {
        query: Vec::new(),
        connection: CONNECTION.into(),
        media: Media::Plain,
        signature: SignatureHeaders {
            id: Some(event.id.clone()),
            timestamp: Some(timestamp),
            signatures: Some(signatures),
        },
        key_shown: false,
        traceparent: None,
        body: event.body.clone().into(),
    }
}
