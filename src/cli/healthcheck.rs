//! `deskbridge healthcheck`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use super::{Failure, settings::Flags};

/// A service that takes longer isn't ready.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address that the service listens on [environment: DESKBRIDGE_LISTEN; default: 127.0.0.1:8080]
    #[arg(long)]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let settings = Flags { listen: args.listen, ..Flags::default() }.settings()?;
    let address = reachable(settings.listen);
    let client = super::demo::http_client(TIMEOUT).map_err(Failure::work)?;
    let answer = client.get(format!("http://{address}/readyz")).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(Failure::Work(format!("{address} is not ready: {}", answer.status()))),
        Err(_) => Err(Failure::Work(format!("nothing answers on {address}"))),
    }
}

/// Who listens on every address is reached on the loopback one.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port()),
        _ => listen,
    }
}
