//! Every address of the service, and what opens it.

use std::collections::BTreeSet;

use reqwest::Method;

/// What a request has to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// A proof of the sender: here, a key with the scope `ingest`.
    Proof,
    /// A key with this scope.
    Scope(&'static str),
    /// The same, of whichever connections.
    ScopeOfAny(&'static str),
    /// The same, and the key is for all connections.
    ScopeOfAll(&'static str),
    /// A key with this scope, by HTTP Basic as well, and errors in Bangwo8's shape.
    ScopeOrBasic(&'static str),
}

/// `{c}` is the connection. Other variables stand for what may or may not be there.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) pattern: &'static str,
    pub(super) needs: Needs,
}

impl Route {
    /// Of a connection.
    pub(super) fn path(&self, connection: &str) -> String {
        let path = self.pattern.replace("{connection}", connection).replace("{kind}", "ticket");
        path.replace("{source_id}", "1").replace("/events/{id}", "/events/none").replace("{id}", "15")
    }

    pub(super) fn is_of_a_connection(&self) -> bool {
        self.pattern.contains("{connection}")
    }
}

const READ: Needs = Needs::Scope("read");
const OPERATE: Needs = Needs::Scope("operate");
const COMPATIBLE: Needs = Needs::ScopeOrBasic("read");

const CONNECTION: &[(&str, &str, Needs)] = &[
    ("READ", "/v1/connections/{connection}/lanes", READ),
    ("POST", "/v1/connections/{connection}/preview", READ),
    ("POST", "/v1/connections/{connection}/events", Needs::Proof),
    ("POST", "/v1/connections/{connection}/erase", Needs::Scope("admin")),
    ("READ", "/v1/connections/{connection}/events", READ),
    ("READ", "/v1/connections/{connection}/events/{id}", READ),
    ("READ", "/v1/connections/{connection}/events/{id}/explain", OPERATE),
    ("POST", "/v1/connections/{connection}/events/{id}/replay", OPERATE),
    ("POST", "/v1/connections/{connection}/events/{id}/discard", OPERATE),
    ("POST", "/v1/connections/{connection}/dead-letters/replay", OPERATE),
    ("POST", "/v1/connections/{connection}/dead-letters/discard", OPERATE),
    ("READ", "/v1/connections/{connection}/links/{kind}/{source_id}", READ),
    ("READ", "/v1/connections/{connection}/ticketviews", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/subscribers", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/counts", READ),
    ("LISTEN", "/v1/connections/{connection}/ticketviews/stream", READ),
    ("POST", "/v1/connections/{connection}/ticketviews/stream/tokens", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/{id}", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/{id}/tickets", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/{id}/count", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/{id}/changes", READ),
    ("READ", "/v1/connections/{connection}/ticketviews/{id}/trend", READ),
    ("POST", "/v1/connections/{connection}/ticketviews/{id}/refresh", OPERATE),
    ("READ", "/v1/connections/{connection}/bangwo8/api/v1/ticketviews.json", COMPATIBLE),
    ("READ", "/v1/connections/{connection}/bangwo8/api/v1/ticketviews/show_many.json", COMPATIBLE),
    ("READ", "/v1/connections/{connection}/bangwo8/api/v1/ticketviews/{id}.json", COMPATIBLE),
    ("READ", "/v1/connections/{connection}/bangwo8/api/v1/ticketviews/{id}/tickets.json", COMPATIBLE),
    ("READ", "/v1/connections/{connection}/bangwo8/api/v1/ticketviews/{id}/count.json", COMPATIBLE),
];

const SERVICE: &[(&str, &str, Needs)] = &[
    ("READ", "/livez", Needs::Nothing),
    ("READ", "/readyz", Needs::Nothing),
    ("READ", "/startupz", Needs::Nothing),
    ("READ", "/metrics", Needs::Nothing),
    ("READ", "/v1/audit", Needs::ScopeOfAny("admin")),
    ("POST", "/v1/erase", Needs::ScopeOfAll("admin")),
    ("READ", "/openapi.json", Needs::Nothing),
    ("READ", "/asyncapi.json", Needs::Nothing),
    ("READ", "/docs", Needs::Nothing),
];

/// What is read is asked for its head alone, too.
pub(super) fn all() -> Vec<Route> {
    let mut routes = Vec::new();
    for (takes, pattern, needs) in CONNECTION.iter().chain(SERVICE) {
        let methods: &[Method] = match *takes {
            "READ" => &[Method::GET, Method::HEAD],
            "LISTEN" => &[Method::GET],
            "POST" => &[Method::POST],
            other => panic!("{other} is nothing that an address takes"),
        };
        routes.extend(methods.iter().map(|method| Route { method: method.clone(), pattern, needs: *needs }));
    }
    routes
}

#[test]
fn every_address_in_the_services_table_is_walked() {
    let methods = |(path, methods): (String, Vec<&'static str>)| {
        methods.into_iter().map(move |method| format!("{method} {path}"))
    };
    let declared: BTreeSet<String> = deskbridge::http::addresses().flat_map(methods).collect();
    let walked = all().iter().map(|route| format!("{} {}", route.method, route.pattern)).collect();
    let missing: Vec<_> = declared.difference(&walked).collect();
    assert!(missing.is_empty(), "say in this file what opens {missing:?}");
    let gone: Vec<_> = walked.difference(&declared).collect();
    assert!(gone.is_empty(), "there are no such addresses any more: {gone:?}");
}
