//! A running service as its operators reach it.

use std::time::Duration;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::{
    cli::{Failure, demo::http_client, healthcheck::reachable, settings::Flags},
    config::named_secret,
};

/// A service that takes longer has trouble: many events at once are replayed in far less.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Which connection of which service, and by what key.
#[derive(clap::Args)]
pub(super) struct At {
    /// The connection's name
    #[arg(long, value_name = "NAME", env = "DESKBRIDGE_CONNECTION", hide_env_values = true)]
    connection: String,
    /// The service's address [default: what DESKBRIDGE_LISTEN says, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// An API key with the scope read, or operate to explain, replay and discard, as env:NAME or file:PATH
    #[arg(long, value_name = "SECRET", default_value = "env:DESKBRIDGE_KEY")]
    key: String,
}

impl At {
    /// Nothing is sent yet.
    pub(super) fn service(self) -> Result<Service, Failure> {
        let key = named_secret(&self.key).map_err(|why| Failure::Usage(format!("--key: {why}")))?;
        let url = match self.url {
            Some(url) if matches!(url.scheme(), "http" | "https") => url,
            Some(_) => return Err(Failure::usage("--url: an address starts with http:// or https://")),
            None => default_url()?,
        };
        let client = http_client(TIMEOUT).map_err(Failure::work)?;
        Ok(Service { client, url, connection: self.connection, key })
    }
}

fn default_url() -> Result<Url, Failure> {
    let listen = Flags::default().settings()?.listen;
    Url::parse(&format!("http://{}", reachable(listen))).map_err(Failure::usage)
}

/// One connection of a service.
pub(super) struct Service {
    client: reqwest::Client,
    url: Url,
    pub(super) connection: String,
    key: SecretString,
}

impl Service {
    /// What a path below the connection answers.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, String)]) -> Result<Value, Failure> {
        self.answer(self.client.get(self.at(path)?).query(query)).await
    }

    /// What a path below the connection answers to a body.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.answer(self.client.post(self.at(path)?).json(body)).await
    }

    fn at(&self, path: &[&str]) -> Result<Url, Failure> {
        let mut url = self.url.clone();
        let mut steps =
            url.path_segments_mut().map_err(|()| Failure::usage("--url: no address of a service"))?;
        steps.pop_if_empty().extend(["v1", "connections", self.connection.as_str()]).extend(path);
        drop(steps);
        Ok(url)
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let answer = request.bearer_auth(self.key.expose_secret()).send().await;
        let answer = answer.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(body) if status.is_success() => Ok(body),
            Ok(body) if body["code"].is_string() => Err(self.refused(&body)),
            _ => Err(Failure::Work(format!(
                "{} doesn't answer as deskbridge does (status {}): name the service with --url",
                self.url,
                status.as_u16()
            ))),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() { "didn't answer in time" } else { "can't be reached" };
        Failure::Work(format!("{} {why}: is the service running there? Name another with --url", self.url))
    }

    /// What the caller can set right is wrong usage.
    fn refused(&self, problem: &Value) -> Failure {
        let text = |member: &str| problem[member].as_str().unwrap_or_default().to_owned();
        let (code, detail) = (text("code"), text("detail"));
        match code.as_str() {
            "unauthorized" => Failure::usage("the service doesn't know this key: name another with --key"),
            "forbidden" => Failure::Usage(format!("{detail}: name another with --key")),
            "unknown_connection" => Failure::Usage(format!("{}: {detail}", self.connection)),
            "invalid_query" | "invalid_options" => Failure::Usage(detail),
            _ => Failure::Work(format!("{detail} ({code})")),
        }
    }
}
