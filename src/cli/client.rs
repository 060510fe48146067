//! Clients of a running service.

use std::{fs, path::PathBuf, time::Duration};

use reqwest::{Certificate, Client, ClientBuilder};
use url::Url;

use super::Failure;

/// The address of a service.
pub(super) fn address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or("an address begins with http:// or https://, e.g. http://127.0.0.1:8080")
}

/// Whom a client takes for the service.
#[derive(clap::Args, Clone)]
pub(super) struct Trust {
    /// Trust these certificates alone, as PEM, instead of those that the machine trusts
    #[arg(long, value_name = "FILE", env = "DESKBRIDGE_CA")]
    ca: Option<PathBuf>,
}

impl Trust {
    /// A client that gives up after `patience`.
    pub(super) fn client(&self, patience: Duration) -> Result<Client, Failure> {
        let builder = builder(patience);
        let builder = match &self.ca {
            None => builder,
            Some(file) => {
                let failed =
                    |why: String| Failure::Usage(format!("--ca, DESKBRIDGE_CA: {}: {why}", file.display()));
                let text = fs::read(file).map_err(|error| failed(error.to_string()))?;
                let certificates = Certificate::from_pem_bundle(&text).ok().filter(|found| !found.is_empty());
                builder.tls_certs_only(
                    certificates
                        .ok_or_else(|| failed("no certificate can be read from it as PEM".to_owned()))?,
                )
            }
        };
        builder.build().map_err(Failure::work)
    }
}

/// A client that talks to whoever answers, for a question without a secret in it.
pub(super) fn unsuspecting(patience: Duration) -> Result<Client, Failure> {
    builder(patience).tls_danger_accept_invalid_certs(true).build().map_err(Failure::work)
}

fn builder(patience: Duration) -> ClientBuilder {
    Client::builder().timeout(patience).no_proxy()
}
