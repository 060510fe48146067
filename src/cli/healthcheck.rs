//! `deskbridge healthcheck`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use url::Url;

use super::{Failure, settings::Flags};

/// A service that takes longer isn't ready.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address that the service listens on [environment: DESKBRIDGE_LISTEN; default: 127.0.0.1:8080]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Address of a service anywhere, e.g. http://deskbridge:8080
    #[arg(long, conflicts_with = "listen")]
    url: Option<Url>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let service = match args.url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => here(args.listen)?,
    };
    let client = super::demo::http_client(TIMEOUT).map_err(Failure::work)?;
    let answer = client.get(format!("{service}/readyz")).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(Failure::Work(format!("{service} is not ready: {}", answer.status()))),
        Err(_) => Err(Failure::Work(format!("nothing answers on {service}"))),
    }
}

/// The service on this machine.
fn here(listen: Option<SocketAddr>) -> Result<String, Failure> {
    let settings = Flags { listen, ..Flags::default() }.settings()?;
    Ok(format!("http://{}", reachable(settings.listen)))
}

/// Who listens on every address is reached on the loopback one.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port()),
        _ => listen,
    }
}
