//! Far more than there is memory for, sent to the real process: everybody is answered, nothing accepted is lost or
//! doubled, memory stays within bounds, and as soon as there is room it goes on as before.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::harness::*;

/// Bodies that are held up before their end: more than there is room for, even before their end.
const HELD: u64 = 72;
const HELD_BYTES: usize = 1_048_576;
/// The end of them that comes slowly, how much of it at once, and how long after the piece before: fast enough not to be
/// given up, for longer than it takes to fill the room.
const SLOW_BYTES: usize = 384 * 1024;
const STEP_BYTES: usize = 16 * 1024;
const STEP_EVERY: Duration = Duration::from_secs(2);
/// Others who send at the same time, and come again when they are told to.
const CROWD: u64 = 48;
const CROWD_BYTES: usize = 300_000;
/// Numbers of those who come before there is no room left.
const FIRST_EARLY: u64 = 10_000;
/// Longest wait for answers: who is sent back again and again gives up then, and the test fails.
const ANSWERED_WITHIN: Duration = Duration::from_secs(120);
/// Who hold their bodies back under one key, or at one address: more than there is room for all of these.
const HOLDERS: usize = 24;
/// Bodies whose senders wait for what becomes of them: more than there is room for at once.
const WAITING: u64 = 40;
/// A key that is none.
const NO_KEY: &str = "a-key-that-nobody-has-at-all";
/// Bytes of memory that the process may come to: a few times what it holds of bodies.
const MEMORY: u64 = 512 * 1024 * 1024;

/// An event in this many bytes.
fn padded(id: u64, bytes: usize) -> String {
    let event = created(id, "打印机离线").to_string();
    let room = bytes - event.len();
    event + &" ".repeat(room)
}

/// Sends an event, whose end comes slowly until it is told to hurry; the status of the answer.
async fn hold(app: &TestApp, id: u64, hurry: &CancellationToken) -> u16 {
    let mut stream = connect(app).await;
    let text =
        event_head(&format!("connection: close\r\ncontent-length: {HELD_BYTES}")) + &padded(id, HELD_BYTES);
    let (first, end) = text.split_at(text.len() - SLOW_BYTES);
    // Whoever is sent back need not have been read to the end.
    stream.write_all(first.as_bytes()).await.ok();
    for step in end.as_bytes().chunks(STEP_BYTES) {
        stream.write_all(step).await.ok();
        // polls: a sender that is just fast enough
        timeout(STEP_EVERY, hurry.cancelled()).await.ok();
    }
    let answer = read_all(&mut stream).await;
    let (status, head, _) = parsed(&answer);
    assert!(status == 202 || (status == 503 && head.contains("retry-after: 1")), "{answer}");
    status
}

/// Everything up to the end of a connection, whenever that comes: whoever waits for it bounds that.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.ok();
    String::from_utf8_lossy(&said).into_owned()
}

/// Sends an event. When it is to come again if it was sent back.
async fn offer(app: &TestApp, id: u64) -> Option<Duration> {
    let request = app.client.post(app.path("/events")).bearer_auth(FLOW_KEY);
    let request = request.header("content-type", "application/json").body(padded(id, CROWD_BYTES));
    let answer = send(request).await;
    if answer.status == 202 {
        return None;
    }
    answer.assert_problem(503, "overloaded");
    Some(Duration::from_secs(answer.header("retry-after").parse().expect("a time")))
}

/// Sends an event until it is accepted.
async fn persist(app: &TestApp, id: u64) {
    // polls: a sender comes again when it was told to
    while let Some(wait) = offer(app, id).await {
        tokio::time::sleep(wait).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_memory_for_is_sent_back_and_all_that_is_accepted_is_delivered_once() {
    let process = Process::start(Options { limits: PATIENT.into(), ..Options::default() }).await;
    let process = Arc::new(process);
    let app = &process.app;
    let hurry = CancellationToken::new();
    let held: Vec<_> = (1..=HELD)
        .map(|id| {
            let (process, hurry) = (process.clone(), hurry.clone());
            tokio::spawn(async move { hold(&process.app, id, &hurry).await })
        })
        .collect();
    // What is on its way takes room when the process comes to read it: until then others find some.
    let (mut ids, mut early) = (FIRST_EARLY.., Vec::new());
    eventually_within(ANSWERED_WITHIN, async || {
        let id = ids.next()?;
        let sent_back = offer(app, id).await;
        early.extend(sent_back.is_none().then_some(id));
        sent_back
    })
    .await;
    let crowd: Vec<_> = (HELD + 1..=HELD + CROWD)
        .map(|id| {
            let process = process.clone();
            tokio::spawn(async move { timeout(ANSWERED_WITHIN, persist(&process.app, id)).await })
        })
        .collect();
    // Whoever only reads is served all the while.
    assert_eq!(app.get("/events").await.status, 200);
    hurry.cancel();
    let answers = timeout(ANSWERED_WITHIN, join_all(held)).await.expect("everybody is answered in time");
    for sender in crowd {
        sender.await.expect("an answer each time").expect("accepted in time");
    }
    let again = HELD + CROWD + 1;
    app.accept(&created(again, "打印机离线")).await;
    let answers = answers.into_iter().map(|status| status.expect("an answer"));
    let taken = answers.zip(1..).filter(|(status, _)| *status == 202).map(|(_, id)| id);
    let accepted: Vec<u64> = taken.chain(HELD + 1..=again).chain(early).collect();
    for id in &accepted {
        app.until(&format!("created-{id}"), &["delivered"]).await;
    }
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), accepted.len());
    assert_eq!(app.tickets_named("打印机离线").await.len(), accepted.len());
    let memory = process.most_memory();
    assert!(memory < MEMORY, "{memory} bytes");
}

/// Several who show one key at one address, each of whom holds as much as it can for as long as it can, and comes again at
/// once.
struct Holders {
    sent_back: Arc<AtomicU32>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Holders {
    fn of(key: &'static str, address: &str, app: &TestApp) -> Self {
        let (sent_back, stop) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
        let (from, to) = (address.parse().expect("an address"), wire_address(app));
        let one = || {
            let (sent_back, stop) = (sent_back.clone(), stop.clone());
            tokio::spawn(async move {
                let again = async {
                    loop {
                        let said = hold_by(key, from, to).await;
                        sent_back.fetch_add(u32::from(said.contains("overloaded")), Ordering::Relaxed);
                    }
                };
                stop.run_until_cancelled(again).await;
            })
        };
        let tasks = (0..HOLDERS).map(|_| one()).collect();
        Self { sent_back, stop, tasks }
    }

    /// Waits until there was no room for one of them.
    async fn have_all(&self) {
        self.sent_back.store(0, Ordering::Relaxed);
        eventually_within(ANSWERED_WITHIN, async || {
            (self.sent_back.load(Ordering::Relaxed) > 0).then_some(())
        })
        .await;
    }

    async fn leave(self) {
        self.stop.cancel();
        join_all(self.tasks).await.into_iter().for_each(|task| task.expect("no panic"));
    }
}

/// Sends all of a body but its end; what was answered.
async fn hold_by(key: &str, from: IpAddr, to: std::net::SocketAddr) -> String {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("an address of this machine");
    let mut stream = socket.connect(to).await.expect("a connection");
    let head = event_head(&format!("connection: close\r\ncontent-length: {HELD_BYTES}"));
    let text = head.replace(FLOW_KEY, key) + &" ".repeat(HELD_BYTES - 1);
    stream.write_all(text.as_bytes()).await.ok();
    read_all(&mut stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proves_nothing_takes_no_room_from_who_shows_a_key_nor_one_address_from_another() {
    let process = Process::start(Options { workers: 0, ..Options::default() }).await;
    let app = &process.app;
    let sign = async |id: u64| send(app.signed(padded(id, CROWD_BYTES).as_bytes())).await;
    let one = Holders::of(NO_KEY, "127.0.0.2", app);
    one.have_all().await;
    // Whoever signs is a stranger until its body was read, and is at another address.
    for id in 1..=5 {
        let answer = sign(id).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }
    let two = Holders::of(NO_KEY, "127.0.0.3", app);
    two.have_all().await;
    let mut ids = 100..;
    eventually_within(ANSWERED_WITHIN, async || {
        let answer = sign(ids.next()?).await;
        (answer.status == 503).then(|| answer.assert_problem(503, "overloaded"))
    })
    .await;
    for id in 10_000..10_040 {
        assert!(offer(app, id).await.is_none(), "who shows a key has room");
    }
    assert_eq!(app.get("/events").await.status, 200);
    one.leave().await;
    two.leave().await;
    eventually_within(ANSWERED_WITHIN, async || (sign(20_000).await.status == 202).then_some(())).await;
    let memory = process.most_memory();
    assert!(memory < MEMORY, "{memory} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_that_holds_all_it_can_takes_no_room_from_another() {
    let process = Process::start(Options { workers: 0, ..Options::default() }).await;
    let app = &process.app;
    let holders = Holders::of(FLOW_KEY, "127.0.0.2", app);
    holders.have_all().await;
    for _ in 0..10 {
        let discarded = app.order("/dead-letters/discard", &json!({ "filter": {} })).await;
        assert_eq!(discarded.status, 200, "{}", discarded.text);
    }
    holders.leave().await;
    eventually_within(ANSWERED_WITHIN, async || offer(app, 1).await.is_none().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_what_becomes_of_an_event_takes_no_room_for_its_body() {
    let process = Arc::new(Process::start(Options { workers: 0, ..Options::default() }).await);
    let app = &process.app;
    let mut waiting = Vec::new();
    for id in 1..=WAITING {
        let request = app.client.post(app.path("/events")).bearer_auth(FLOW_KEY).header("prefer", "wait=30");
        let request = request.header("content-type", "application/json").body(padded(id, HELD_BYTES));
        waiting.push(tokio::spawn(request.send()));
        eventually(async || (app.get(&format!("/events/created-{id}")).await.status == 200).then_some(()))
            .await;
    }
    assert!(waiting.iter().any(|sender| !sender.is_finished()), "they wait");
    assert!(offer(app, WAITING + 1).await.is_none(), "there is room for others");
    waiting.iter().for_each(JoinHandle::abort);
}
