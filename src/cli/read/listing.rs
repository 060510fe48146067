//! The list of what can be read, told from the resources themselves.

use clap::{Arg, ArgAction, Command, Subcommand};

use super::{super::Failure, Resource};
use crate::diagnostic::nearest;

/// None was named.
pub(super) fn none(connection: &str) -> Failure {
    Failure::Usage(format!(
        "say what of {connection} to read: deskbridge read {connection} RESOURCE\n\n{}",
        text()
    ))
}

/// There is no such resource. Who misspelt one sees that at once; a screen of others would hide it.
pub(super) fn unknown(connection: &str, words: &[String]) -> Failure {
    let given = words.first().map(String::as_str).unwrap_or_default();
    let resources = resources();
    let names: Vec<&str> = resources.get_subcommands().map(Command::get_name).collect();
    // Whoever leaves the vendor out is understood all the same.
    let part = |name: &'_ str| match given.contains('/') {
        true => name.to_owned(),
        false => name.rsplit('/').next().unwrap_or(name).to_owned(),
    };
    let parts: Vec<String> = names.iter().map(|name| part(name)).collect();
    let near = nearest(given, parts.iter().map(String::as_str));
    let meant = near.and_then(|near| names.iter().find(|name| part(name) == near));
    Failure::Usage(match meant {
        Some(meant) => format!(
            "there is no resource {given}; did you mean {meant}? deskbridge read {connection} lists all of them"
        ),
        None => format!("there is no resource {given}\n\n{}", text()),
    })
}

/// Every resource with its parameters.
fn text() -> String {
    let resources = resources();
    let lines: Vec<String> = resources.get_subcommands().map(described).collect();
    let common = "--limit and --config go with each; --help after a resource explains its parameters.";
    format!("{}\n\n{common}", lines.join("\n"))
}

fn resources() -> Command {
    Resource::augment_subcommands(Command::new("read"))
}

/// `bangwo8/company <ID>  One company`
fn described(resource: &Command) -> String {
    let parameters = resource.get_arguments().map(parameter);
    let usage = [resource.get_name().to_owned()].into_iter().chain(parameters).collect::<Vec<_>>().join(" ");
    format!("{usage}\n    {}", resource.get_about().map(ToString::to_string).unwrap_or_default())
}

/// `<ID>`, `[ID]`, `<IDS>…`, `--address URL`, `[--query KEYWORD]`
fn parameter(arg: &Arg) -> String {
    let value = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let value = value.filter(|_| arg.get_action().takes_values()).unwrap_or_default();
    match (arg.get_long(), arg.is_required_set()) {
        (Some(long), true) => format!("--{long} {value}"),
        (Some(long), false) => format!("[{}]", format!("--{long} {value}").trim_end()),
        (None, true) if matches!(arg.get_action(), ArgAction::Append) => format!("<{value}>…"),
        (None, true) => format!("<{value}>"),
        (None, false) => format!("[{value}]"),
    }
}
