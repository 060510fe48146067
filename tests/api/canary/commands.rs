//! Every command that reads the configuration or a store, or asks a service.

use std::{collections::BTreeSet, fs};

use super::witness::Witness;
use crate::harness::*;

/// Every command, one a line. `URL` is the service's address, `STORE` its store, `KEPT` and `COPIED` are files of its own
/// copies, `EVENT` is a file with an event, `MAPPINGS` the folder of the shipped mappings.
const COMMANDS: &str = "check
check --online --connection acme
read acme bangwo8/ticketviews
read acme udesk/v1/tickets
read acme udesk/v2/tickets
mapping test MAPPINGS/udesk-bangwo8.yaml
mapping preview udesk-bangwo8 --event EVENT --connection acme
mapping coverage udesk-bangwo8 --store STORE --connection acme
mapping roundtrip udesk-bangwo8
mapping diff udesk-bangwo8 udesk-bangwo8 --store STORE --connection acme
mapping suggest --connection acme
mapping schema
events list --url URL
events list --json --url URL
events lanes --url URL
events show created-1 --url URL
events explain created-1 --url URL
events replay --status dead --dry-run --url URL
events discard --status dead --dry-run --url URL
events erase --subject nobody@example.cn --dry-run --url URL
audit --url URL
store stats
store stats --json
store prune --older-than 30d --dry-run
store backup KEPT
store copy sqlite:KEPT sqlite:COPIED
store upgrade --store sqlite:COPIED
store reencrypt --store sqlite:COPIED
healthcheck --url URL
openapi
asyncapi
serve --workers none";

/// Commands that have simulators and a configuration of their own, and its user's neither read nor print.
const OF_THEIR_OWN: [&str; 3] = ["demo", "sandbox", "torture"];
/// What fails, with much to tell: the sandbox's fields are not all mapped, and there is no such number of workers.
const FAILING: [&str; 2] = ["check --online --connection acme", "serve --workers none"];

impl Witness {
    /// Runs every command. One that failed otherwise than expected would have had nothing to show.
    pub(super) async fn run_everything(&mut self) {
        let mut failed = Vec::new();
        for command in COMMANDS.lines() {
            let filled = self.filled(command);
            let status = self.run(&filled.split(' ').collect::<Vec<_>>()).await;
            if status.success() == FAILING.contains(&command) {
                failed.push(format!("{command}: {status}: {}", self.last_seen()));
            }
        }
        assert_eq!(failed, [""; 0]);
    }

    fn filled(&self, command: &str) -> String {
        let folder = self.app.folder.path();
        let event = folder.join("event.json");
        fs::write(&event, created(1, "打印机离线").to_string()).expect("a file");
        let in_folder = |name: &str| folder.join(name).display().to_string();
        let mappings = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
        let filled = command.replace("URL", &self.base()).replace("MAPPINGS", mappings);
        let filled = filled.replace("STORE", &format!("sqlite:{}", in_folder("program.db")));
        let filled = filled.replace("KEPT", &in_folder("kept.db")).replace("COPIED", &in_folder("copied.db"));
        filled.replace("EVENT", &in_folder("event.json"))
    }
}

/// The commands that `deskbridge ARGUMENTS --help` lists.
async fn listed(arguments: &[&str]) -> Vec<String> {
    let output = run_to_end(deskbridge(&[arguments, &["--help"]].concat())).await;
    let help = String::from_utf8(output.stdout).expect("text");
    let lines =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[tokio::test]
async fn every_command_is_looked_at() {
    let mut all = BTreeSet::new();
    for command in listed(&[]).await {
        let below = listed(&[&command]).await;
        let whole = below.iter().map(|sub| format!("{command} {sub}"));
        all.extend(if below.is_empty() { vec![command.clone()] } else { whole.collect() });
    }
    assert!(all.len() > 20, "{all:?}");
    let is_known = |name: &&String| {
        OF_THEIR_OWN.contains(&name.as_str())
            || COMMANDS.lines().any(|line| format!("{line} ").starts_with(&format!("{name} ")))
    };
    let unknown: Vec<&String> = all.iter().filter(|name| !is_known(name)).collect();
    assert_eq!(unknown, [""; 0]);
}
