//! Dozens of changes of everything that can change, under senders and readers who must not notice.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::task::JoinHandle;

use super::*;

/// Changes of the configuration: dozens.
const CHANGES: u32 = 24;
/// What a ticket is when it was mapped under the one configuration as a whole, or under the other: its template and its
/// priority, of which the first comes from the connections file and the second from the mapping.
const ONE: (u64, u64) = (4, 4);
const OTHER: (u64, u64) = (8, 1);

/// Puts the one configuration or the other into the files: limits, keys, secrets, connections, parameters, the mapping.
fn edit(app: &TestApp, other: bool) {
    let one = Options { limits: PATIENT.into(), ..Options::default() };
    let options = if other {
        Options {
            limits: PATIENT.replace("1000", "999"),
            parameters: one.parameters.replace("ticket_template_id: 4", "ticket_template_id: 8"),
            keys: "  - { name: guest, scopes: [read], secret: file:guest-key }\n".into(),
            verify:
                "[{ standard_webhooks: { secrets: [file:signing-before, file:signing] } }, { api_key: {} }]"
                    .into(),
            neighbours: vec!["second"],
            ..one
        }
    } else {
        one
    };
    rewrite(app, &options);
    app.write_mapping("udesk-bangwo8", &if other { calmer() } else { SHIPPED.to_owned() });
}

/// Sends one event after the other, each of which must be delivered; their numbers.
fn sender(app: &Arc<TestApp>, stop: &Arc<AtomicBool>, first: u64) -> JoinHandle<Vec<u64>> {
    let (app, stop) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        let mut ids = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let id = first + ids.len() as u64;
            app.delivered(&created(id, "打印机离线")).await;
            ids.push(id);
        }
        ids
    })
}

/// Reads what must always be there; how often.
fn reader(app: &Arc<TestApp>, stop: &Arc<AtomicBool>, read: &Arc<AtomicU64>) -> JoinHandle<()> {
    let (app, stop, read) = (app.clone(), stop.clone(), read.clone());
    tokio::spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            let list = app.get("/events?limit=1").await;
            assert_eq!(list.status, 200, "{}", list.text);
            let ready = send(app.client.get(format!("{}/readyz", app.url))).await;
            assert_eq!(ready.status, 200, "{}", ready.text);
            read.fetch_add(1, Ordering::Relaxed);
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn dozens_of_changes_fail_no_request_and_every_event_is_of_one_configuration_as_a_whole() {
    let app = Arc::new(TestApp::with(Options { limits: PATIENT.into(), ..Options::default() }).await);
    let (stop, read) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let senders = [1_000_000, 2_000_000, 3_000_000].map(|first| sender(&app, &stop, first));
    let readers = [(); 2].map(|()| reader(&app, &stop, &read));
    for change in 1..=CHANGES {
        let before = read.load(Ordering::Relaxed);
        edit(&app, change % 2 == 1);
        app.reload.notify_one();
        applied(&app, change).await;
        eventually(async || (read.load(Ordering::Relaxed) > before).then_some(())).await;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("every read was answered");
    }
    let mut sent = Vec::new();
    for sender in senders {
        sent.extend(sender.await.expect("every event was delivered"));
    }
    let tickets = app.written("POST").await;
    assert_eq!(tickets.len(), sent.len());
    let number = |ticket: &serde_json::Value, name: &str| ticket[name].as_u64().expect("a number");
    let shapes = tickets.iter().map(|it| (number(it, "ticketTemplateId"), number(it, "priorityLevel")));
    let (ones, others): (Vec<_>, Vec<_>) = shapes.partition(|shape| *shape == ONE);
    assert!(others.iter().all(|shape| *shape == OTHER), "{others:?}");
    assert!(!ones.is_empty() && !others.is_empty());
}
