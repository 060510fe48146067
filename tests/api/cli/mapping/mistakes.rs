//! What the commands say of files with mistakes, and of wrong words on the command line.

use std::fs;

use super::*;

/// Every command that compiles `acme`.
const COMMANDS: &[&[&str]] = &[
    &["test", "acme"],
    &["roundtrip", "acme"],
    &["preview", "acme", "--event", "events.ndjson"],
    &["coverage", "acme", "--events", "events.ndjson"],
    &["diff", "udesk-bangwo8", "acme", "--events", "events.ndjson"],
];

#[tokio::test]
async fn each_command_points_at_the_mistake_in_its_line() {
    let folder = folder_with(&MINE.replace("  priority:\n", "  priorty:\n"));
    fs::write(folder.path().join("events.ndjson"), "").expect("a file");
    for command in COMMANDS {
        let said = mapping(folder.path(), command).await;
        assert_eq!(said.code, Some(2), "{command:?}: {}", said.error);
        assert!(said.error.contains("mappings/acme.yaml:"), "{command:?}: {}", said.error);
        let quoted = said.error.lines().position(|line| line.contains("| ")).expect("a quoted line");
        let caret = said.error.lines().nth(quoted + 1).expect("a caret");
        assert!(caret.trim_end().ends_with('^'), "{command:?}: {}", said.error);
        assert!(said.out.is_empty(), "{command:?}: {}", said.out);
    }
}

#[tokio::test]
async fn a_name_that_is_like_another_is_asked_about() {
    let said = mapping(repository(), &["roundtrip", "udesk-bangwo"]).await;
    assert_eq!(said.code, Some(2));
    assert!(said.error.contains("did you mean udesk-bangwo8?"), "{}", said.error);
    let folder = folder_with(MINE);
    for command in [&["roundtrip", "acmee"][..], &["preview", "acmee", "--event", "events.ndjson"]] {
        let said = mapping(folder.path(), command).await;
        assert_eq!(said.code, Some(2));
        assert!(said.error.contains("did you mean acme?"), "{command:?}: {}", said.error);
    }
}

#[tokio::test]
async fn a_line_that_is_no_event_is_told_by_its_number() {
    let folder = folder_with(MINE);
    let file = folder.path().join("events.ndjson");
    let good = created(1, "打印机离线").to_string();
    for (bad, reason) in [
        ("{ \"id\": ", "column 7"),
        ("{ \"type\": \"ticket.creatd\", \"data\": {} }", "ticket.creatd"),
        ("{ \"type\": \"ticket.created\" }", "missing field `data`"),
    ] {
        fs::write(&file, format!("{good}\n\n{bad}\n")).expect("a file");
        let said = mapping(folder.path(), &["coverage", "acme", "--events", "events.ndjson"]).await;
        assert_eq!(said.code, Some(2), "{}", said.error);
        assert!(said.error.contains("events.ndjson:3: ") && said.error.contains(reason), "{}", said.error);
    }
}

#[tokio::test]
async fn wrong_words_are_wrong_usage_and_say_what_is_missing() {
    let folder = folder_with(MINE);
    let ticket = udesk_ticket(1, "打印机离线").to_string();
    fs::write(folder.path().join("ticket.json"), ticket).expect("a file");
    for (command, reason) in [
        (&["coverage", "acme"] as &[&str], "--events"),
        (&["coverage", "acme", "--store", "sqlite:a.db"], "--connection"),
        (&["coverage", "acme", "--events", "none.ndjson"], "none.ndjson can't be read"),
        (&["coverage", "acme", "--events", "ticket.json", "--since", "yesterday"], "--since"),
        (&["diff", "acme", "generic-bangwo8", "--events", "ticket.json"], "events of udesk"),
        (&["preview", "acme", "--event", "ticket.json"], "--type"),
        (&["preview", "acme", "--event", "ticket.json", "--type", "ticket.made"], "ticket.created"),
        (&["preview", "acme", "--event", "ticket.json", "--connection", "acme"], "--config"),
        (&["test"], "NAME|PATH"),
    ] {
        let said = mapping(folder.path(), command).await;
        assert_eq!(said.code, Some(2), "{command:?}: {}", said.error);
        assert!(said.error.contains(reason), "{command:?}: {}", said.error);
    }
}

#[tokio::test]
async fn the_connections_file_is_never_quoted() {
    let folder = folder_with(MINE);
    let yaml = "connections:\n  acme:\n    parameters: sk-live-4f9d2c\n";
    fs::write(folder.path().join("deskbridge.yaml"), yaml).expect("a file");
    fs::write(folder.path().join("events.ndjson"), "").expect("a file");
    let command = ["coverage", "acme", "--events", "events.ndjson", "--connection", "acme"];
    let said = mapping(folder.path(), &command).await;
    assert_eq!(said.code, Some(2), "{}", said.error);
    assert!(said.error.contains("deskbridge.yaml:3"), "{}", said.error);
    assert!(!said.error.contains("sk-live-4f9d2c"), "{}", said.error);
}

#[tokio::test]
async fn the_help_of_each_command_has_an_example() {
    for command in ["test", "preview", "coverage", "roundtrip", "diff"] {
        let said = mapping(repository(), &[command, "--help"]).await;
        assert_eq!(said.code, Some(0));
        assert!(said.out.contains(&format!("Example: deskbridge mapping {command} ")), "{}", said.out);
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_is_not_made() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let config = app.folder.path().join("deskbridge.yaml").display().to_string();
    let command = ["coverage", "udesk-bangwo8", "--store", "sqlite:none.db", "--connection"];
    let told = [&command[..], &[CONNECTION, "--config", &config]].concat();
    let said = mapping(app.folder.path(), &told).await;
    assert_eq!(said.code, Some(2), "{}", said.error);
    assert!(said.error.contains("none.db") && !app.folder.path().join("none.db").exists(), "{}", said.error);
    let told = [&command[..], &["acne", "--config", &config]].concat();
    let said = mapping(app.folder.path(), &told).await;
    assert_eq!(said.code, Some(2));
    assert!(said.error.contains("no connection acne, only acme; did you mean acme?"), "{}", said.error);
}

#[tokio::test]
async fn check_points_at_the_mistake_too() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    app.write_mapping("udesk-bangwo8", "extends: udesk-bangwo8\ntables:\n  状态: { of: statsu, arms: {} }\n");
    let config = app.folder.path().join("deskbridge.yaml").display().to_string();
    let output = run_to_end(deskbridge(&["check", "--config", &config])).await;
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("\n 3 |   状态: { of: statsu, arms: {} }\n   |               ^"), "{text}");
}
