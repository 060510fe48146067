//! A running sandbox with one method per kind of request.

use deskbridge::sandbox::{self, Options, Sandbox, credentials as known};
use reqwest::multipart::Form;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    client: Client,
}

/// Status and parsed body of an answer.
pub(crate) type Answer = (StatusCode, Value);

impl Desk {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = sandbox::start(options).await.unwrap();
        // Every request gets a connection of its own, so that a reset cannot be retried behind the test's back.
        let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { sandbox, client }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.bangwo8_url()))
    }

    pub(crate) fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path)
            .basic_auth(known::BANGWO8_ADMIN_ACCOUNT, Some(known::BANGWO8_ADMIN_PASSWORD))
    }

    pub(crate) fn agent(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path)
            .basic_auth(known::BANGWO8_AGENT_ACCOUNT, Some(known::BANGWO8_AGENT_PASSWORD))
    }

    /// `GET /api/v1<path>` as the administrator, which must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = parsed(self.admin(Method::GET, &format!("/api/v1{path}"))).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A write to `/api/v1<path>` as the administrator.
    pub(crate) async fn write(&self, method: Method, path: &str, body: Value) -> Answer {
        parsed(self.admin(method, &format!("/api/v1{path}")).json(&body)).await
    }

    /// Everything that the vendor stores.
    pub(crate) async fn state(&self) -> Value {
        parsed(self.request(Method::GET, "/_sandbox/state")).await.1
    }

    /// A new OAuth token.
    pub(crate) async fn token(&self) -> String {
        let request = self
            .request(Method::POST, "/api/token.php")
            .basic_auth(known::BANGWO8_CLIENT_ID, Some(known::BANGWO8_CLIENT_SECRET))
            .multipart(Form::new().text("grant_type", "client_credentials"));
        parsed(request).await.1["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn create(&self, ticket: Value) -> Answer {
        parsed(self.admin(Method::POST, "/api/v1/tickets.json").json(&json!({"ticket": ticket}))).await
    }

    pub(crate) async fn create_once(&self, requestid: &str, ticket: Value) -> Answer {
        let request = self.admin(Method::POST, "/api/v1/tickets.json").header("Requestid", requestid);
        parsed(request.json(&json!({"ticket": ticket}))).await
    }

    pub(crate) async fn update(&self, id: &str, ticket: Value) -> Answer {
        let path = format!("/api/v1/tickets/{id}.json");
        parsed(self.admin(Method::PUT, &path).json(&json!({"ticket": ticket}))).await
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        parsed(self.request(method, &format!("/_sandbox/{path}")).json(&body)).await
    }

    /// Lets calls fail by a rule.
    pub(crate) async fn plan(&self, rule: Value) {
        let (status, body) = self.control(Method::POST, "faults", rule).await;
        assert_eq!(status, 201, "{body}");
    }

    /// Requests recorded on the Bangwo8 port.
    pub(crate) async fn requests(&self, query: &str) -> Vec<Value> {
        let (_, body) = parsed(self.request(Method::GET, &format!("/_sandbox/requests{query}"))).await;
        body.as_array().unwrap().clone()
    }

    /// A stored ticket, in its internal form.
    pub(crate) async fn stored(&self, id: u64) -> Option<Value> {
        self.state().await["tickets"]
            .as_array()
            .unwrap()
            .iter()
            .find(|ticket| ticket["ticketId"] == id)
            .cloned()
    }

    pub(crate) async fn switch(&self, name: &str, value: Value) {
        let (status, body) = self.control(Method::PUT, "switches", json!({ name: value })).await;
        assert_eq!(status, 200, "{body}");
    }

    /// A request to the Udesk port, as it stands.
    pub(crate) async fn udesk(&self, method: Method, path_and_query: &str, body: Option<Value>) -> Answer {
        let url = format!("{}{path_and_query}", self.sandbox.udesk_url());
        let request = self.client.request(method, url);
        parsed(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }
}

pub(crate) async fn parsed(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The smallest ticket that a create accepts.
pub(crate) fn ticket() -> Value {
    json!({"subject": "打印机脱机", "ticketStatus": 1})
}

/// The id of a ticket that a write returned.
pub(crate) fn id_of(body: &Value) -> u64 {
    body["ticket"]["ticketId"].as_str().unwrap().parse().unwrap()
}
