//! `deskbridge sandbox`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::{Failure, parent, say, stop};
use crate::{
    json,
    sandbox::{self, Counts, Options, Sandbox, Switches, credentials},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address of the Bangwo8 simulator; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9001")]
    bangwo8_listen: SocketAddr,
    /// Address of the Udesk simulator; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:9002")]
    udesk_listen: SocketAddr,
    /// A JSON file of switches: behaviour that the vendors leave open
    #[arg(long, value_name = "FILE")]
    switches: Option<PathBuf>,
    /// One switch, over those of the file; may be repeated
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switch: Vec<String>,
    /// Rows to make up beside the seed data, such as tickets=1000000,companies=5000,contacts=20000,replies=3000000
    #[arg(long, value_name = "KIND=NUMBER,…")]
    generate: Option<String>,
    /// What generated rows and planned chances depend on: the same seed repeats them
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Append every request to this file as a line of JSON, without credentials
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Write everything the simulators store to this file at the end
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    /// Print the addresses as one line of JSON, and stop when standard input ends.
    #[arg(long, hide = true)]
    with_parent: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let mut sandbox = sandbox::start(options(&args)?).await.map_err(Failure::work)?;
    let (bangwo8, udesk) = (sandbox.bangwo8_url(), sandbox.udesk_url());
    if args.with_parent {
        say(serde_json::json!({ "bangwo8": bangwo8, "udesk": udesk }));
        std::io::stdout().flush().map_err(Failure::work)?;
    } else {
        introduce(&bangwo8, &udesk);
    }
    let told = stop::told().map_err(Failure::work)?;
    let ended = tokio::select! {
        ended = sandbox.wait() => ended.map_err(Failure::work),
        () = told => Ok(()),
        () = parent::gone(), if args.with_parent => Ok(()),
    };
    args.dump.map_or(Ok(()), |file| dump(&sandbox, &file))?;
    ended
}

fn options(args: &Args) -> Result<Options, Failure> {
    let generate = args.generate.as_deref().map(Counts::parse).transpose();
    Ok(Options {
        bangwo8_listen: args.bangwo8_listen,
        udesk_listen: args.udesk_listen,
        switches: switches(args)?,
        generate: generate.map_err(|e| Failure::usage(format!("--generate: {e}")))?.unwrap_or_default(),
        seed: args.seed,
        log: args.log.clone(),
    })
}

/// Those of the file, then those of the command line.
fn switches(args: &Args) -> Result<Switches, Failure> {
    let mut switches = args.switches.as_deref().map(read_switches).transpose()?.unwrap_or_default();
    for switch in &args.switch {
        let (name, value) = switch
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--switch {switch}: must be NAME=VALUE")))?;
        switches.set(name, value).map_err(|e| Failure::usage(format!("--switch: {e}")))?;
    }
    Ok(switches)
}

fn read_switches(file: &Path) -> Result<Switches, Failure> {
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
    json::from_str(&text).map_err(|e| Failure::usage(format!("{}: {e}", file.display())))
}

fn dump(sandbox: &Sandbox, file: &Path) -> Result<(), Failure> {
    let state = format!("{:#}\n", sandbox.state());
    std::fs::write(file, state).map_err(|e| Failure::work(format!("{}: {e}", file.display())))
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
    say(format!("  v2 e-mail, token    {} {}", credentials::UDESK_ADMIN_EMAIL, credentials::UDESK_API_TOKEN));
    say(format!(
        "Control            {bangwo8}/_sandbox/ and {udesk}/_sandbox/ (request log, faults, switches, state)"
    ));
    say("Ctrl-C stops it.");
}
