//! Every fault that the simulator knows at every call that delivering makes, whatever a repeated `Requestid` does and
//! whatever the connection says of doubts: each event ends as the table of failures says, nothing is made twice, and what
//! may be there twice or not at all is said.

mod calls;
mod faults;
mod judge;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use self::{calls::Call, faults::Fault};
use crate::harness::*;

/// Attempts of an event.
const MAX_ATTEMPTS: u64 = 3;
/// Services at once: most of a service's time is waiting.
const AT_ONCE: usize = 4;
/// What the simulator can do about a second call with the same `Requestid`.
const BEHAVIOURS: [&str; 3] = ["replay", "error", "ignored"];

/// Cells that share a service.
#[derive(Debug, Clone, Copy)]
struct Series {
    call: Call,
    /// What a repeated `Requestid` gets.
    repeated: &'static str,
    on_uncertain: &'static str,
    marker: &'static str,
    /// Whether the connection's account may list tickets, or reads a view of them.
    is_admin: bool,
}

/// One event at one fault.
struct Cell<'a> {
    series: Series,
    fault: &'a Fault,
    /// How many calls the fault befalls at most.
    times: u64,
    n: u64,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_has_every_fault_that_the_simulator_knows() {
    let app = TestApp::start().await;
    let refused = app.control(Method::POST, "faults", &json!({ "fault": {} })).await;
    let (_, known) = refused.text.split_once("needs one of ").expect("the list of all");
    let known: Vec<&str> = known.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let members: Vec<&&str> = known.iter().filter(|name| name.len() > 1).collect();
    assert!(members.len() >= 12, "{}", refused.text);
    for member in members {
        assert!(faults::all().iter().any(|fault| fault.rule.get(member).is_some()), "{member} is not tried");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_befalls_the_creation_of_a_ticket_it_is_made_once_and_ends_as_it_should() {
    let all = combinations(Call::CreateTicket)
        .flat_map(|series| ["~", "tag"].map(|marker| Series { marker, ..series }));
    run(all.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_befalls_the_look_for_a_ticket_it_is_made_once_or_left_to_an_operator() {
    let mut all = Vec::new();
    for made in [true, false] {
        for (marker, is_admin) in [("~", true), ("tag", true), ("~", false)] {
            for on_uncertain in ["repeat", "park"] {
                let call = Call::FindTicket { made };
                all.push(Series { call, repeated: "ignored", on_uncertain, marker, is_admin });
            }
        }
    }
    run(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_befalls_a_reply_it_is_added_once_or_the_record_says_that_it_may_be_there_twice() {
    run(combinations(Call::Reply).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_befalls_a_call_that_may_be_repeated_it_ends_as_it_should() {
    let changes = [
        Call::UpdateTicket,
        Call::CreateCompany,
        Call::UpdateCompany,
        Call::ReplaceOptions,
        Call::UpsertOptions,
        Call::DeleteOption,
    ];
    let changes =
        changes.into_iter().flat_map(|call| BEHAVIOURS.map(|repeated| Series { repeated, ..simple(call) }));
    let reads = [Call::SearchCompany, Call::ReadFields, Call::Token].map(simple);
    run(changes.chain(reads).collect()).await;
}

fn simple(call: Call) -> Series {
    Series { call, repeated: "error", on_uncertain: "repeat", marker: "~", is_admin: true }
}

fn combinations(call: Call) -> impl Iterator<Item = Series> {
    let repeated = BEHAVIOURS.into_iter();
    repeated.flat_map(move |repeated| {
        ["repeat", "park"].map(|on_uncertain| Series { repeated, on_uncertain, ..simple(call) })
    })
}

async fn run(all: Vec<Series>) {
    let wrong: Vec<Vec<String>> = stream::iter(all)
        .map(|series| tokio::spawn(cells(series)))
        .buffer_unordered(AT_ONCE)
        .map(|ended| ended.expect("no cell panics"))
        .collect()
        .await;
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with the cells of a series.
async fn cells(series: Series) -> Vec<String> {
    let app = TestApp::with(options(series)).await;
    app.switch("duplicate_requestid", json!(series.repeated)).await;
    let (mut wrong, mut n) = (Vec::new(), 1000);
    for fault in faults::all().into_iter().filter(|fault| series.is_concerned(fault)) {
        let lasts = fault.can_last() && series.is_tried_out();
        for times in if lasts { vec![1, MAX_ATTEMPTS] } else { vec![1] } {
            n += 1;
            wrong.extend(Cell { series, fault: &fault, times, n }.run(&app).await);
        }
    }
    wrong
}

fn options(series: Series) -> Options {
    let agent = "{ basic: { account: file:b8-agent, password: file:b8-agent-password } }";
    let defaults = Options::default();
    Options {
        auth: if series.is_admin { defaults.auth.clone() } else { agent.into() },
        on_uncertain: series.on_uncertain.into(),
        link_marker: series.marker.into(),
        retry: format!("{{ first_wait_ms: 1, longest_wait_ms: 2, max_attempts: {MAX_ATTEMPTS} }}"),
        // Whether attempts count doesn't depend on the cells before.
        breaker: "{ failures: 0 }".into(),
        limits: "{ requests_per_second: 1000, concurrency: 8, timeout_ms: 3000 }".into(),
        ..defaults
    }
}

impl Series {
    /// What a repeated `Requestid` does matters only where a call that fails has had its effect.
    fn is_concerned(self, fault: &Fault) -> bool {
        self.repeated == "error" || !self.call.writes() || fault.can_act()
    }

    /// True if its cells are tried with faults that last for as many attempts as there are, too.
    fn is_tried_out(self) -> bool {
        let call = self.call;
        let is_write = call.writes() || call == Call::SearchCompany;
        is_write && (call.leaves_doubt() || self.repeated != "ignored")
    }
}

impl Cell<'_> {
    async fn run(&self, app: &TestApp) -> Option<String> {
        let call = self.series.call;
        call.prepare(app, self.n).await;
        app.control(Method::DELETE, "requests", &Value::Null).await;
        if let Call::FindTicket { made } = call {
            let lost = json!({ "reset": if made { "after" } else { "before" } });
            plan(app, ("POST", "/api/v1/tickets.json"), 1, &lost).await;
        }
        plan(app, call.address(), self.times, &self.fault.rule).await;
        let record = app.deliver(&call.event(self.n)).await;
        app.mend().await;
        let requests = app.requests("", "/api/").await;
        let judged = self.judge(&record, &requests, &app.sandbox.state()["bangwo8"]);
        self.clear(app, &record).await;
        judged.err().map(|why| self.told(&why, &record, &requests))
    }

    /// The lane is free for the next cell.
    async fn clear(&self, app: &TestApp, record: &Answer) {
        if matches!(record.str("/status"), "parked" | "dead") {
            let discarded = app.operate(&format!("/events/cell-{}/discard", self.n)).await;
            assert!(discarded.status < 300, "{}", discarded.text);
        }
    }

    fn told(&self, why: &str, record: &Answer, requests: &[Value]) -> String {
        let request = |it: &Value| {
            format!(
                "    {} {} {} fault {} effect {}",
                it["method"], it["path"], it["status"], it["fault"], it["effect"]["kind"]
            )
        };
        let log: Vec<String> = requests.iter().map(request).collect();
        let (fault, times) = (&self.fault.rule, self.times);
        format!("{:?}\n  {fault} {times} times: {why}\n  {}\n{}", self.series, record.text, log.join("\n"))
    }
}

async fn plan(app: &TestApp, (method, glob): (&str, &str), times: u64, fault: &Value) {
    let rule = json!({ "method": method, "glob": glob, "times": times, "fault": fault });
    let planned = app.control(Method::POST, "faults", &rule).await;
    assert_eq!(planned.status, 201, "{}", planned.text);
}
