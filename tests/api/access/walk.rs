//! Every route by every kind of key for every connection, held against a model of what is allowed that shares nothing
//! with the service.

use futures_util::{StreamExt, stream};
use reqwest::{Method, RequestBuilder};

use super::routes::{self, Needs, Route};
use crate::harness::*;

const SCOPES: [&str; 4] = ["ingest", "read", "operate", "admin"];
/// Two that there are, and one that there isn't.
const CONNECTIONS: [&str; 3] = [CONNECTION, "globex", "nobody"];
/// Requests at once.
const AT_ONCE: usize = 16;

/// A key of the configuration.
#[derive(Debug, Clone)]
struct Holder {
    secret: String,
    scopes: Vec<&'static str>,
    /// `None` for all connections.
    only: Option<&'static str>,
}

/// Each set of scopes for each set of connections, by a secret of its own.
fn holders() -> Vec<Holder> {
    let sets = (1..16_u8).map(|set| SCOPES.into_iter().zip(0..).filter(move |(_, bit)| set >> bit & 1 == 1));
    let sets: Vec<Vec<&str>> = sets.map(|set| set.map(|(scope, _)| scope).collect()).collect();
    let only = [None, Some(CONNECTION), Some("globex")];
    let all = only.into_iter().flat_map(|only| sets.iter().map(move |scopes| (only, scopes.clone())));
    let holder = |(i, (only, scopes))| Holder { secret: format!("walking-key-number-{i:03}"), scopes, only };
    all.enumerate().map(holder).collect()
}

fn options(holders: &[Holder]) -> Options {
    let entry = |(i, holder): (usize, &Holder)| {
        let only = holder.only.map(|only| format!("connections: [{only}], ")).unwrap_or_default();
        let scopes = holder.scopes.join(", ");
        format!("  - {{ name: walker-{i}, scopes: [{scopes}], {only}secret: file:walker-{i} }}\n")
    };
    Options {
        workers: 0,
        ticketviews: "{ refresh_s: 3600 }".into(),
        keys: holders.iter().enumerate().map(entry).collect(),
        neighbours: vec!["globex"],
        files: (0..).zip(holders).map(|(i, it)| (format!("walker-{i}"), it.secret.clone())).collect(),
        ..Options::default()
    }
}

async fn furnished(holders: &[Holder]) -> TestApp {
    let app = TestApp::with(options(holders)).await;
    for connection in &CONNECTIONS[..2] {
        let views = format!("{}/v1/connections/{connection}/ticketviews", app.url);
        let read = async || send(app.client.get(&views).bearer_auth(OPS_KEY)).await.status == 200;
        eventually(async || read().await.then_some(())).await;
    }
    app
}

/// The model: 0 if the request gets past the door.
fn expected(route: &Route, holder: Option<&Holder>, connection: &str) -> u16 {
    let covers = |holder: &Holder| holder.only.is_none_or(|only| only == connection);
    let exists = connection != "nobody";
    match (route.needs, holder) {
        (Needs::Nothing, _) => 0,
        // Where an event may be sent is told to every sender: a wrong address is no wrong proof.
        (Needs::Proof, _) if !exists => 404,
        (Needs::Proof, Some(holder)) if covers(holder) && holder.scopes.contains(&"ingest") => 0,
        (_, None) | (Needs::Proof, _) => 401,
        (Needs::ScopeOfAny(scope), Some(holder)) => {
            if holder.scopes.contains(&scope) {
                0
            } else {
                403
            }
        }
        (Needs::ScopeOfAll(scope), Some(holder)) => {
            if holder.only.is_none() && holder.scopes.contains(&scope) { 0 } else { 403 }
        }
        (_, Some(holder)) if !covers(holder) => 403,
        (Needs::Scope(scope) | Needs::ScopeOrBasic(scope), Some(holder)) => {
            match holder.scopes.contains(&scope) {
                false => 403,
                true if exists => 0,
                true => 404,
            }
        }
    }
}

/// The status, of an answer from the door; 0 of any other. An event or a view that isn't there is not the door's.
async fn at_the_door(request: RequestBuilder) -> u16 {
    let (client, request) = request.build_split();
    let request = request.expect("a request");
    let method = request.method().clone();
    let response = client.execute(request).await.expect("the server answers");
    let status = response.status().as_u16();
    if !matches!(status, 401 | 403 | 404) {
        return 0;
    }
    if method == Method::HEAD && status == 404 {
        return 0;
    }
    let text = response.text().await.expect("the answer is whole");
    let inner = ["unknown_event", "unknown_link", "unknown_ticketview", "no such view"];
    if inner.iter().any(|code| text.contains(code)) { 0 } else { status }
}

/// How the case is told, the request, and what is expected.
type Case = (String, RequestBuilder, u16);

/// A head alone doesn't say what is not there, so that it is not asked of it.
fn case(told: String, route: &Route, request: RequestBuilder, expected: u16) -> Case {
    let expected = if route.method == Method::HEAD && expected == 404 { 0 } else { expected };
    (told, request, expected)
}

async fn assert_all(cases: Vec<Case>) {
    let count = cases.len();
    let judged = stream::iter(cases).map(async |(case, request, expected)| {
        let status = at_the_door(request).await;
        (status != expected).then(|| format!("{case}: {status}, not {expected}"))
    });
    let wrong: Vec<String> = judged.buffer_unordered(AT_ONCE).filter_map(async |it| it).collect().await;
    assert!(
        wrong.is_empty(),
        "{} of {count} are wrong, such as {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(20)]
    );
}

fn request(app: &TestApp, route: &Route, connection: &str) -> RequestBuilder {
    let request = app.client.request(route.method.clone(), format!("{}{}", app.url, route.path(connection)));
    // What is no JSON changes nothing, whoever sends it.
    if route.method == Method::POST {
        request.header("content-type", "application/json").body("{")
    } else {
        request
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_opens_to_exactly_the_keys_that_it_should() {
    let holders = holders();
    let app = furnished(&holders).await;
    let mut cases: Vec<Case> = Vec::new();
    for route in routes::all() {
        // A head is answered by what answers the whole.
        let one = !route.is_of_a_connection() || route.method == Method::HEAD;
        for connection in CONNECTIONS.iter().filter(|it| !one || **it == CONNECTION) {
            for holder in &holders {
                let told = format!("{} {} by {holder:?}", route.method, route.path(connection));
                let by = request(&app, &route, connection);
                let expected = expected(&route, Some(holder), connection);
                if matches!(route.needs, Needs::ScopeOrBasic(_)) {
                    let basic = request(&app, &route, connection).basic_auth("任何人", Some(&holder.secret));
                    cases.push(case(format!("{told} as Basic"), &route, basic, expected));
                }
                cases.push(case(told, &route, by.bearer_auth(&holder.secret), expected));
            }
        }
    }
    assert!(cases.len() > 3000, "{}", cases.len());
    assert_all(cases).await;
}

/// What is done to a request.
type Change<'a> = Box<dyn Fn(RequestBuilder) -> RequestBuilder + 'a>;

/// Ways to show nothing, or something that is no key.
fn strangers(all: &str) -> Vec<(&'static str, Change<'_>)> {
    let authorization = |value: String| {
        Box::new(move |request: RequestBuilder| request.header("authorization", &value))
            as Box<dyn Fn(RequestBuilder) -> RequestBuilder>
    };
    vec![
        ("nothing", Box::new(|request| request)),
        ("an empty key", authorization("Bearer ".into())),
        ("the beginning of a key", authorization(format!("Bearer {}", &all[..all.len() - 1]))),
        ("a key and more", authorization(format!("Bearer {all}x"))),
        ("two keys", authorization(format!("Bearer {all} {all}"))),
        ("a key in capitals", authorization(format!("Bearer {}", all.to_uppercase()))),
        ("a key without a scheme", authorization(all.to_owned())),
        ("another scheme", authorization(format!("Token {all}"))),
        ("Basic without a password", authorization("Basic dXNlcg==".into())),
        ("Basic that is none", authorization("Basic %%%".into())),
        ("bytes", Box::new(|request| request.header("authorization", &b"Bearer \xff\xfe"[..]))),
        ("a header of its own", Box::new(move |request| request.header("x-api-key", all))),
        ("an address", Box::new(move |request| request.query(&[("token", all)]))),
        (
            "a cookie",
            Box::new(move |request| request.header("cookie", format!("Authorization=Bearer {all}"))),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_key_opens_nothing() {
    let app = furnished(&[]).await;
    let mut cases: Vec<Case> = Vec::new();
    for route in routes::all().iter().filter(|route| route.needs != Needs::Nothing) {
        for connection in CONNECTIONS {
            for (what, show) in strangers(OPS_KEY) {
                let told = format!("{} {} by {what}", route.method, route.path(connection));
                let by = show(request(&app, route, connection));
                cases.push(case(told, route, by, expected(route, None, connection)));
            }
        }
    }
    assert!(cases.len() > 1000, "{}", cases.len());
    assert_all(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn basic_opens_nothing_but_what_is_in_bangwo8s_shape() {
    let app = furnished(&[]).await;
    let bearer_only = |route: &Route| !matches!(route.needs, Needs::Nothing | Needs::ScopeOrBasic(_));
    let cases = routes::all().into_iter().filter(bearer_only).map(|route| {
        let basic = request(&app, &route, CONNECTION).basic_auth("ops", Some(OPS_KEY));
        (format!("{} {}", route.method, route.pattern), basic, 401)
    });
    assert_all(cases.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streams_token_opens_no_other_route() {
    let app = furnished(&[]).await;
    let made = send(app.client.post(app.path("/ticketviews/stream/tokens")).bearer_auth(OPS_KEY)).await;
    let token = made.str("/token").to_owned();
    let mut cases: Vec<Case> = Vec::new();
    for route in routes::all().iter().filter(|route| route.needs != Needs::Nothing) {
        let is_stream = route.pattern.ends_with("/ticketviews/stream");
        let (case, query) = (format!("{} {}", route.method, route.pattern), [("token", &token)]);
        let by_address = request(&app, route, CONNECTION).query(&query);
        cases.push((format!("{case} by its address"), by_address, if is_stream { 0 } else { 401 }));
        cases.push((case, request(&app, route, CONNECTION).bearer_auth(&token), 401));
    }
    assert_all(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_a_method_that_there_is_not_tells_nothing_of_connections() {
    let app = furnished(&[]).await;
    let asked = [
        (Method::GET, "/nothing"),
        (Method::DELETE, "/events"),
        (Method::PUT, "/events/1"),
        (Method::PATCH, "/ticketviews/15"),
        (Method::DELETE, "/ticketviews/stream/tokens"),
        (Method::OPTIONS, "/ticketviews"),
        (Method::GET, "/bangwo8/api/v1/tickets.json"),
        (Method::POST, "/bangwo8/api/v1/ticketviews.json"),
        (Method::OPTIONS, "/events"),
    ];
    for (method, path) in asked {
        let mut told = Vec::new();
        for connection in CONNECTIONS {
            let url = format!("{}/v1/connections/{connection}{path}", app.url);
            let answer = send(app.client.request(method.clone(), url)).await;
            told.push((answer.status, answer.text.replace(connection, "C")));
        }
        assert!(told.iter().all(|it| *it == told[0]), "{method} {path}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_401_says_how_to_prove_oneself() {
    let app = furnished(&[]).await;
    for route in routes::all().iter().filter(|route| route.needs != Needs::Nothing) {
        let answer = send(request(&app, route, CONNECTION)).await;
        let scheme = match route.needs {
            Needs::ScopeOrBasic(_) => "Basic realm=\"deskbridge\"",
            _ => "Bearer",
        };
        let told = (answer.status, answer.header("www-authenticate"));
        assert_eq!(told, (401, scheme), "{} {}", route.method, route.pattern);
    }
}
