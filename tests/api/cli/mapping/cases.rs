//! `mapping test` and `mapping roundtrip`.

use std::fs;

use serde_json::{Value, json};

use super::*;

/// Adds a golden case to `mappings/acme.yaml` whose ticket has this priority.
fn case(folder: &TempDir, name: &str, priority: &str, expected: Value) {
    let cases = folder.path().join("mappings/acme.cases");
    fs::create_dir_all(&cases).expect("a folder");
    let data = json!({ "id": 1, "subject": "打印机离线", "status": "open", "priority": priority });
    let case = json!({ "type": "ticket.updated", "parameters": {}, "data": data, "expected": expected });
    fs::write(cases.join(name), case.to_string()).expect("a case");
}

#[tokio::test]
async fn the_shipped_mappings_are_good_and_their_cases_hit_every_arm() {
    for name in ["mappings/udesk-bangwo8.yaml", "generic-bangwo8"] {
        let said = mapping(repository(), &["test", name]).await;
        assert_eq!(said.code, Some(0), "{}{}", said.out, said.error);
        assert!(said.out.contains("(100.0 %)"), "{}", said.out);
    }
}

#[tokio::test]
async fn a_case_that_fails_shows_what_differs_and_can_be_updated_for_review() {
    let folder = folder_with(MINE);
    case(&folder, "urgent.json", "紧急", json!({ "fields": { "priorityLevel": 4 } }));
    let arguments = ["test", "mappings/acme.yaml", "--min-coverage", "1"];
    let said = mapping(folder.path(), &arguments).await;
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.error);
    assert!(said.out.contains("FAILED  urgent"), "{}", said.out);
    assert!(said.out.contains("-    \"priorityLevel\": 4") && said.out.contains("+    \"priorityLevel\": 3"));
    assert!(said.error.contains("1 case failed"), "{}", said.error);
    let updated = mapping(folder.path(), &[&arguments[..], &["--update"]].concat()).await;
    assert_eq!(updated.code, Some(0), "{}{}", updated.out, updated.error);
    assert!(updated.out.contains("updated urgent"), "{}", updated.out);
    let written = fs::read_to_string(folder.path().join("mappings/acme.cases/urgent.json")).expect("a case");
    let written: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(written["expected"]["fields"]["priorityLevel"], 3);
    assert_eq!(written["data"]["priority"], "紧急", "the rest stays as it was");
    assert_eq!(mapping(folder.path(), &arguments).await.code, Some(0));
}

#[tokio::test]
async fn arms_that_no_case_hits_are_named_and_too_few_of_them_fail() {
    let folder = folder_with(MINE);
    case(&folder, "urgent.json", "紧急", json!({}));
    mapping(folder.path(), &["test", "acme", "--update"]).await;
    let said = mapping(folder.path(), &["test", "acme"]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("ok      urgent"), "{}", said.out);
    assert!(
        said.out.contains("mappings/acme.yaml:6:33: no case hits tables.priority: medium → park"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("tables.priority: urgency"), "{}", said.out);
    assert!(said.error.contains("% of the arms are hit, 100 % are wanted"), "{}", said.error);
    assert_eq!(mapping(folder.path(), &["test", "acme", "--min-coverage", "1"]).await.code, Some(0));
    let said = mapping(folder.path(), &["test", "acme", "--min-coverage", "101"]).await;
    assert_eq!(said.code, Some(2), "{}", said.error);
}

#[tokio::test]
async fn a_case_that_could_never_arrive_is_refused() {
    let folder = folder_with(MINE);
    let cases = folder.path().join("mappings/acme.cases");
    fs::create_dir_all(&cases).expect("a folder");
    let write = |more: &str| {
        let text = format!(
            r#"{{ "type": "ticket.updated", {more} "data": {{ "id": 1, "content": [] }}, "expected": {{}} }}"#
        );
        fs::write(cases.join("a.json"), text).expect("a case");
    };
    write("");
    let said = mapping(folder.path(), &["test", "acme", "--update"]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("could never arrive") && said.out.contains("/data/content"), "{}", said.out);
    write(r#""valid": false,"#);
    let said = mapping(folder.path(), &["test", "acme", "--update"]).await;
    assert!(said.out.contains("updated a"), "{}", said.out);
}

#[tokio::test]
async fn a_mapping_without_cases_and_a_case_that_is_none_are_told_what_to_do() {
    let folder = folder_with(MINE);
    let said = mapping(folder.path(), &["test", "acme"]).await;
    assert_eq!(said.code, Some(2), "{}", said.error);
    assert!(said.error.contains("acme.cases") && said.error.contains("\"expected\""), "{}", said.error);
    case(&folder, "urgent.json", "紧急", json!({}));
    fs::write(folder.path().join("mappings/acme.cases/broken.json"), "{ \"type\": 1 }").expect("a case");
    let said = mapping(folder.path(), &["test", "acme"]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("FAILED  broken") && said.out.contains("line 1 column"), "{}", said.out);
}

#[tokio::test]
async fn every_value_is_taken_there_and_back() {
    let said = mapping(repository(), &["roundtrip", "mappings/udesk-bangwo8.yaml", "--json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.error);
    let report = said.json();
    let verdicts = report["verdicts"].as_array().expect("a list");
    let of =
        |at: &str| verdicts.iter().find(|verdict| verdict["at"] == at).unwrap_or_else(|| panic!("no {at}"));
    let status = of("tables.status");
    assert_eq!(status["kind"], "lossy", "打开 and 解决中 share a code");
    assert!(status["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    let row = |value: &str| status["rows"].as_array()?.iter().find(|row| row["value"] == value);
    let back = |value: &str| Some((row(value)?["target"].as_str()?, row(value)?["back"].as_str()?));
    assert_eq!(back("closed"), Some(("6 手动关闭", "closed")));
    assert_eq!(back("solving"), Some(("2 已开启", "open")), "what it shares a code with comes back");
    assert_eq!(of("tables.priority")["kind"], "bijective");
    for verdict in verdicts {
        assert!(verdict["kind"] != "lossy" || !verdict["reason"].is_null(), "{verdict}");
    }
    let said = mapping(repository(), &["roundtrip", "udesk-bangwo8"]).await;
    assert!(said.out.contains("tables.status: lossy: "), "{}", said.out);
}
