//! The documents for operators are complete, and what they lead to is there: each setting, command, key of the
//! connections file, metric, alert and code has its place, and no link leads to nothing.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use syn::{Fields, Item};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a folder whose names end so.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(repository(folder)).unwrap().flatten() {
        let path = entry.path();
        let inside = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&inside, ending));
        } else if inside.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every document for users, with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = files("docs", ".md");
    let others =
        ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "charts/deskbridge/README.md"];
    paths.extend(others.map(repository));
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// What `deskbridge ARGUMENTS --help` says.
fn help(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_deskbridge")).args(arguments).arg("--help").output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The first cells of a table's rows that begin so, up to the next backquote.
fn rows<'a>(text: &'a str, begin: &str) -> BTreeSet<&'a str> {
    text.lines().filter_map(|line| Some(line.strip_prefix(begin)?.split_once('`')?.0)).collect()
}

#[test]
fn every_setting_is_in_the_table_and_every_row_is_a_setting() {
    let help = help(&["serve"]);
    let flags = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let flags: BTreeSet<String> = flags
        .filter_map(|line| line.split([' ', ',']).next())
        .map(|flag| flag.replace('-', "_").to_uppercase())
        .collect();
    for page in ["docs/operations.md", "docs/operations.zh-CN.md"] {
        let manual = text(page);
        let rows: BTreeSet<String> = rows(&manual, "| `DESKBRIDGE_").into_iter().map(str::to_owned).collect();
        assert!(rows.len() > 10, "{page}: {rows:?}");
        assert_eq!(flags, rows, "{page}");
    }
}

/// The Chinese pages that are shorter than their English ones, and say so.
const SHORT: [&str; 3] = ["docs/operations.zh-CN.md", "docs/reliability.zh-CN.md", "docs/security.zh-CN.md"];

#[test]
fn a_chinese_page_names_what_its_english_one_does() {
    let english: String = documents()
        .into_iter()
        .filter(|(path, _)| !path.to_str().unwrap().ends_with(".zh-CN.md"))
        .map(|(_, text)| text)
        .collect();
    let mut wrong = Vec::new();
    for path in files("docs", ".zh-CN.md") {
        let page = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned();
        let (whole, chinese) = (text(&page.replace(".zh-CN", "")), text(&page));
        let (short, told) = (SHORT.contains(&page.as_str()), names(&chinese));
        assert!(told.len() > 10, "{page}: {told:?}");
        // What a program prints is explained in Chinese where the English page needs no word.
        let there = if short { &english } else { &whole };
        wrong.extend(
            told.iter().filter(|name| !there.contains(**name)).map(|it| format!("{page}: made up: {it}")),
        );
        if !short {
            wrong.extend(names(&whole).difference(&told).map(|it| format!("{page}: missing: {it}")));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_page_and_its_sister_lead_to_each_other() {
    for path in files("docs", ".zh-CN.md") {
        let (sister, page) = (path.to_str().unwrap(), path.to_str().unwrap().replace(".zh-CN", ""));
        let name = |path: &str| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned();
        for (from, to) in [(sister, page.as_str()), (page.as_str(), sister)] {
            let leads = fs::read_to_string(from).unwrap().contains(&format!("]({})", name(to)));
            assert!(leads, "{from} has no link to {}", name(to));
        }
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}'))
}

/// Settings, commands, codes, metrics: what stands between backquotes, and the commands of examples without their comments.
fn names(page: &str) -> BTreeSet<&str> {
    let mut in_code = false;
    let mut names = BTreeSet::new();
    for line in page.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            let command = line.split(" #").next().unwrap().trim();
            names.extend(Some(command).filter(|it| it.starts_with("deskbridge ")));
        } else if !line.trim_start().starts_with("```") {
            names.extend(line.split('`').skip(1).step_by(2));
        }
    }
    names.retain(|name| !is_chinese(name));
    names
}

#[test]
fn every_command_is_told_of_in_a_document() {
    let told: String = documents().into_iter().map(|(_, text)| text).collect();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut missing = Vec::new();
    for command in commands(&help(&[])) {
        let below = commands(&help(&[&command]));
        let whole = |sub: &String| format!("{command} {sub}");
        let wanted = if below.is_empty() { vec![command.clone()] } else { below.iter().map(whole).collect() };
        let is_told = |name: &String| {
            told.contains(&format!("deskbridge {name}")) || told.contains(&format!("`{name}"))
        };
        missing.extend(wanted.into_iter().filter(|name| !is_told(name)));
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_key_of_the_connections_file_is_in_the_manual() {
    let manual = text("docs/operations.md");
    let section = manual.split("\n## ").find(|it| it.starts_with("The connections file")).unwrap();
    let words: BTreeSet<&str> = section.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let code = syn::parse_file(&text("src/config/file.rs")).unwrap();
    let keys: BTreeSet<String> = code
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(it) => match &it.fields {
                Fields::Named(fields) => Some(fields.named.iter().filter_map(|field| field.ident.as_ref())),
                _ => None,
            },
            _ => None,
        })
        .flatten()
        .map(|name| name.to_string().trim_start_matches("r#").to_owned())
        .collect();
    assert!(keys.len() > 30, "{keys:?}");
    let missing: Vec<&String> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_alert_is_in_the_short_runbook_too() {
    let rules = text("charts/deskbridge/files/alerts.yaml");
    let alerts: BTreeSet<&str> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let short = text("docs/operations.zh-CN.md");
    assert!(alerts.len() > 8, "{alerts:?}");
    assert_eq!(
        rows(&short, "| `Deskbridge").into_iter().map(|it| format!("Deskbridge{it}")).collect::<Vec<_>>(),
        { alerts.into_iter().map(str::to_owned).collect::<Vec<_>>() }
    );
}

#[test]
fn every_code_of_a_problem_is_in_its_table() {
    let code = text("src/http/problem.rs");
    let table = code.split("const CODES").nth(1).unwrap().split("];").next().unwrap();
    let codes: BTreeSet<&str> = table.split("(\"").skip(1).filter_map(|row| row.split('"').next()).collect();
    assert!(codes.len() > 25, "{codes:?}");
    let manual = text("docs/api.md");
    let section = manual.split("\n## ").find(|it| it.starts_with("Problems")).unwrap();
    let missing: Vec<&&str> = codes.iter().filter(|code| !section.contains(&format!("`{code}`"))).collect();
    assert_eq!(missing, [&""; 0]);
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_code = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        in_code ^= line.starts_with("```");
        if !in_code && line.starts_with('#') {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    anchors
}

#[test]
fn no_link_leads_to_nothing() {
    let mut broken = Vec::new();
    for (path, text) in documents() {
        for rest in text.split("](").skip(1) {
            let link = rest.split([')', ' ']).next().unwrap();
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let there = target.exists()
                && (anchor.is_empty()
                    || anchors(&fs::read_to_string(&target).unwrap_or_default()).contains(anchor));
            if !there {
                broken.push(format!(
                    "{}: {link}",
                    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display()
                ));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn what_holds_each_promise_of_the_security_pages_is_there() {
    for page in ["docs/security.md", "docs/security.zh-CN.md"] {
        let promises: Vec<String> =
            text(page).lines().filter(|line| line.starts_with("| ")).map(str::to_owned).collect();
        let held = |line: &str| {
            line.split('`')
                .skip(1)
                .step_by(2)
                .filter(|name| name.contains('/'))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let named: BTreeSet<String> = promises.iter().flat_map(|line| held(line)).collect();
        let named: Vec<&String> = named
            .iter()
            .filter(|name| ["tests/", "scripts/", "fuzz/"].iter().any(|folder| name.starts_with(folder)))
            .collect();
        assert!(named.len() >= 15, "{page} names what holds its promises: {named:?}");
        for name in named {
            assert!(repository(name).exists(), "{page}: there is no {name}");
        }
    }
}
