//! A running service as its operators reach it.

use std::time::Duration;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::{
    cli::{
        Failure,
        client::{Trust, address},
        healthcheck::local,
        settings::Flags,
    },
    config::named_secret,
    json,
};

/// A service that takes longer has trouble: many events at once are replayed in far less.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where an API key is looked for if none is named.
const DEFAULT_KEY: &str = "env:DESKBRIDGE_KEY";

/// Which connection of which service, and by what key.
#[derive(clap::Args)]
pub(in crate::cli) struct At {
    /// The connection's name
    #[arg(long, value_name = "NAME", env = "DESKBRIDGE_CONNECTION", hide_env_values = true)]
    connection: String,
    #[command(flatten)]
    reach: Reach,
}

/// Which service, and by what key.
#[derive(clap::Args)]
pub(in crate::cli) struct Reach {
    /// The service's address [default: what DESKBRIDGE_LISTEN says, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", value_parser = address)]
    url: Option<Url>,
    /// An API key with the scope read, operate to explain, replay and discard, or admin to erase and for the
    /// audit log, as env:NAME or file:PATH
    #[arg(long, value_name = "SECRET", default_value = DEFAULT_KEY)]
    key: String,
    #[command(flatten)]
    trust: Trust,
}

impl At {
    /// Nothing is sent yet.
    pub(in crate::cli) fn service(self) -> Result<Service, Failure> {
        self.reach.service(self.connection)
    }
}

impl Reach {
    /// One connection of it; an empty name where none is asked about. Nothing is sent yet.
    pub(in crate::cli) fn service(self, connection: String) -> Result<Service, Failure> {
        self.patient(connection, TIMEOUT)
    }

    /// As `service`, for an answer that may take so long.
    pub(in crate::cli) fn patient(self, connection: String, timeout: Duration) -> Result<Service, Failure> {
        let key = named_secret(&self.key).map_err(|why| {
            Failure::Usage(format!(
                "--key: {why}; name an API key as env:NAME or file:PATH (without --key: {DEFAULT_KEY})"
            ))
        })?;
        let url = match self.url {
            Some(url) => url,
            None => default_url()?,
        };
        let client = self.trust.client(timeout)?;
        Ok(Service { client, url, connection, key })
    }
}

fn default_url() -> Result<Url, Failure> {
    Url::parse(&local(&Flags::default().settings()?)).map_err(Failure::usage)
}

/// One connection of a service.
pub(in crate::cli) struct Service {
    client: reqwest::Client,
    url: Url,
    pub(in crate::cli) connection: String,
    key: SecretString,
}

impl Service {
    /// What a path below the connection answers.
    pub(in crate::cli) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Value, Failure> {
        self.answer(self.client.get(self.at(path)?).query(query)).await
    }

    /// What a path below the connection answers to a body.
    pub(in crate::cli) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.answer(self.client.post(self.at(path)?).json(body)).await
    }

    /// What a path that is below no connection answers.
    pub(in crate::cli) async fn get_of_all(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Value, Failure> {
        self.answer(self.client.get(self.below(&["v1"], path)?).query(query)).await
    }

    /// What a path that is below no connection answers to a body.
    pub(in crate::cli) async fn post_of_all(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.answer(self.client.post(self.below(&["v1"], path)?).json(body)).await
    }

    fn at(&self, path: &[&str]) -> Result<Url, Failure> {
        self.below(&["v1", "connections", self.connection.as_str()], path)
    }

    fn below(&self, base: &[&str], path: &[&str]) -> Result<Url, Failure> {
        let mut url = self.url.clone();
        let mut steps =
            url.path_segments_mut().map_err(|()| Failure::usage("--url: no address of a service"))?;
        steps.pop_if_empty().extend(base).extend(path);
        drop(steps);
        Ok(url)
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let answer = request.bearer_auth(self.key.expose_secret()).send().await;
        let answer = answer.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        match json::from_slice::<Value>(&body) {
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
        let why = match (error.is_timeout(), self.url.scheme()) {
            (true, _) => "didn't answer in time",
            (false, "https") => "can't be reached, or its certificate isn't trusted (--ca)",
            (false, _) => "can't be reached",
        };
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
            "invalid_query" | "invalid_options" => Failure::Usage(by_flag(&detail)),
            _ => Failure::Work(format!("{detail} ({code})")),
        }
    }
}

/// What the service says of a parameter, which was a flag here.
fn by_flag(detail: &str) -> String {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    match detail.split_once(": ") {
        Some((name, why)) if is_name(name) => format!("--{}: {why}", name.replace('_', "-")),
        _ => detail.to_owned(),
    }
}
