//! `deskbridge healthcheck`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use url::Url;

use super::{
    Failure,
    client::{Trust, address, unsuspecting},
    settings::Flags,
};
use crate::config::Settings;

/// A service that takes longer isn't ready.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address that the service listens on [environment: DESKBRIDGE_LISTEN; default: 127.0.0.1:8080]
    #[arg(long)]
    listen: Option<String>,
    /// Address of a service anywhere, e.g. http://deskbridge:8080
    #[arg(long, conflicts_with = "listen", value_parser = address)]
    url: Option<Url>,
    /// Take any certificate: nothing secret is asked or sent
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
    #[command(flatten)]
    trust: Trust,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    // A service on this machine is asked at an address that no certificate names.
    let unsure = args.insecure || args.url.is_none();
    let client = if unsure { unsuspecting(TIMEOUT) } else { args.trust.client(TIMEOUT) }?;
    let service = match args.url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => here(args.listen)?,
    };
    let answer = client.get(format!("{service}/readyz")).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(Failure::Work(format!("{service} is not ready: {}", answer.status()))),
        Err(_) if !unsure && service.starts_with("https:") => Err(Failure::Work(format!(
            "nothing answers on {service}, or its certificate isn't trusted (--ca FILE, or --insecure)"
        ))),
        Err(_) => Err(Failure::Work(format!("nothing answers on {service}"))),
    }
}

/// The service on this machine.
fn here(listen: Option<String>) -> Result<String, Failure> {
    Ok(local(&Flags { listen, ..Flags::default() }.settings()?))
}

/// Where a service of these settings is reached on its own machine.
pub(super) fn local(settings: &Settings) -> String {
    let scheme = if settings.tls_cert.as_os_str().is_empty() { "http" } else { "https" };
    format!("{scheme}://{}", reachable(settings.listen))
}

/// Who listens on every address is reached on the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port()),
        _ => listen,
    }
}
