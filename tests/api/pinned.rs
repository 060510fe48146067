//! Events that are delivered by the mapping that they were first tried by.

use serde_json::json;

use crate::harness::*;

/// A service with a dead event of an urgent ticket, whose mapping was changed since.
async fn changed_since() -> TestApp {
    let app = TestApp::start().await;
    app.fault(1, json!({ "status": 200, "body": { "state": "403", "message": "columnId does not exist" } }))
        .await;
    assert_eq!(app.deliver(&created(1, "打印机离线")).await.str("/status"), "dead");
    app.write_mapping("udesk-bangwo8", &calmer());
    app.applied(1).await;
    app
}

fn rewrite(app: &TestApp, options: &Options) {
    write_config(app.folder.path(), &app.sandbox, options);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_by_the_mapping_in_force_unless_it_is_pinned() {
    let app = changed_since().await;
    let before = app.record("created-1").await.str("/attempts/0/mapping/digest").to_owned();
    assert_eq!(before.len(), 64, "a digest");
    let pinned = app.order("/events/created-1/replay", &json!({ "mapping": "pinned" })).await;
    assert_eq!(pinned.status, 200, "{}", pinned.text);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(priority(&app, &record).await, 4, "as the mapping had it before");
    assert_eq!(record.str("/attempts/1/mapping/digest"), before);
    assert_eq!(record.str("/attempts/1/mapping/name"), "udesk-bangwo8");
    // Whatever comes now goes by the one in force.
    let now = app.delivered(&created(2, "打印机离线")).await;
    assert_eq!(priority(&app, &now).await, 1);
    assert_ne!(now.str("/attempts/0/mapping/digest"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_by_the_current_mapping_takes_the_new_one() {
    let app = changed_since().await;
    assert_eq!(app.operate("/events/created-1/replay").await.status, 200);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(priority(&app, &record).await, 1);
    let digest = |at: &str| record.str(&format!("/attempts/{at}/mapping/digest")).to_owned();
    assert_ne!(digest("0"), digest("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_mapping_outlives_the_process() {
    let app = changed_since().await.restart().await;
    let body = json!({ "filter": {}, "mapping": "pinned" });
    assert_eq!(app.order("/dead-letters/replay", &body).await.json, json!({ "replayed": 1 }));
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(priority(&app, &record).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_mapping_that_the_schemas_no_longer_allow_parks_the_event() {
    let app = changed_since().await;
    // A schema without the custom fields that the shipped mapping reads.
    let schema = r#"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-entity": { "kind": "ticket", "id": "/id" },
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": { "id": { "type": "integer" }, "subject": { "type": "string" } }
    }"#;
    let types = ["ticket.created", "ticket.updated", "ticket.replied"];
    let folder = app.folder.path().join("schemas/events/udesk");
    std::fs::create_dir_all(&folder).unwrap();
    for name in types {
        std::fs::write(folder.join(format!("{name}.json")), schema).unwrap();
    }
    let plain = "source: udesk
target: bangwo8
park: [company.created, company.updated, field_options.replaced, field_options.changed, field_options.deleted]
ticket:
  events: [ticket.created, ticket.updated, ticket.replied]
  lane: /id
  fields:
    subject: { from: /subject, required: true }
    ticketStatus: { value: 2 }
";
    app.write_mapping("plain", plain);
    rewrite(&app, &Options { mapping: "plain".into(), parameters: "{}".into(), ..Options::default() });
    app.applied(2).await;
    let pinned = app.order("/events/created-1/replay", &json!({ "mapping": "pinned" })).await;
    assert_eq!(pinned.status, 200, "{}", pinned.text);
    let record = app.until("created-1", &["parked"]).await;
    assert_eq!(record.str("/reason/code"), "pinned_mapping", "{}", record.text);
    assert!(record.str("/reason/message").contains("by the current mapping"), "{}", record.text);
}
