//! `deskbridge sandbox`.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use super::{Failure, parent, say};
use crate::sandbox::{self, Options, Switches, credentials};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address of the Bangwo8 simulator; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9001")]
    bangwo8_listen: SocketAddr,
    /// Address of the Udesk simulator; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9002")]
    udesk_listen: SocketAddr,
    /// A JSON file of switches: behaviour that the vendors leave open
    #[arg(long)]
    switches: Option<PathBuf>,
    /// Print the addresses as one line of JSON, and stop when standard input ends.
    #[arg(long, hide = true)]
    with_parent: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let switches = args.switches.map(|file| read_switches(&file)).transpose()?.unwrap_or_default();
    let options = Options {
        bangwo8_listen: args.bangwo8_listen,
        udesk_listen: args.udesk_listen,
        switches,
        ..Options::default()
    };
    let sandbox = sandbox::start(options).await.map_err(Failure::work)?;
    let (bangwo8, udesk) = (sandbox.bangwo8_url(), sandbox.udesk_url());
    if args.with_parent {
        say(serde_json::json!({ "bangwo8": bangwo8, "udesk": udesk }));
        std::io::stdout().flush().map_err(Failure::work)?;
    } else {
        introduce(&bangwo8, &udesk);
    }
    tokio::select! {
        ended = sandbox.wait() => ended.map_err(Failure::work),
        _ = tokio::signal::ctrl_c() => Ok(()),
        () = parent::gone(), if args.with_parent => Ok(()),
    }
}

fn read_switches(file: &std::path::Path) -> Result<Switches, Failure> {
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
    serde_json::from_str(&text).map_err(|e| Failure::usage(format!("{}: {e}", file.display())))
}

fn introduce(bangwo8: &str, udesk: &str) {
    say(format!("Bangwo8 simulator  {bangwo8}/api/v1/tickets.json"));
    say(format!(
        "  account, password   {} {}",
        credentials::BANGWO8_ADMIN_ACCOUNT,
        credentials::BANGWO8_ADMIN_PASSWORD
    ));
    say(format!(
        "  OAuth2 id, secret   {} {}",
        credentials::BANGWO8_CLIENT_ID,
        credentials::BANGWO8_CLIENT_SECRET
    ));
    say(format!("Udesk simulator    {udesk}/api/v1/tickets.json"));
    say(format!("  v1 shared secret    {}", credentials::UDESK_SHARED_SECRET));
    say(format!(
        "Control            {bangwo8}/_sandbox/ and {udesk}/_sandbox/ (request log, faults, switches, state)"
    ));
    say("Ctrl-C stops it.");
}
