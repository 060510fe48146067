//! Each kind of file: mappings, schemas, secrets; and the ways in which files are changed.

use std::{
    fs,
    os::unix::fs::symlink,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_mapping_takes_effect_under_load_and_no_request_fails() {
    let app = Arc::new(TestApp::start().await);
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (1..=4_u64)
        .map(|sender| {
            let (app, stop) = (app.clone(), stop.clone());
            tokio::spawn(async move {
                let mut priorities = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let id = sender * 1_000_000 + priorities.len() as u64;
                    let record = app.delivered(&created(id, "打印机离线")).await;
                    priorities.push(priority(&app, &record).await);
                }
                priorities
            })
        })
        .collect();
    app.write_mapping("udesk-bangwo8", &calmer());
    applied(&app, 1).await;
    assert_eq!(priority(&app, &app.delivered(&created(1, "打印机离线")).await).await, 1);
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        let priorities = sender.await.expect("every event was accepted and delivered");
        let (former, rest): (Vec<u64>, Vec<u64>) = priorities.iter().partition(|priority| **priority == 4);
        assert!(!former.is_empty() && rest.iter().all(|priority| *priority == 1), "{priorities:?}");
        assert!(priorities.is_sorted_by(|earlier, later| earlier >= later), "{priorities:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_takes_effect_when_it_is_added_and_when_it_is_removed() {
    let stricter = r#"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-entity": { "kind": "ticket", "id": "/id" },
        "$ref": "../../udesk/ticket.json",
        "required": ["id", "subject", "status"],
        "properties": { "subject": { "maxLength": 3 } }
    }"#;
    let app = TestApp::start().await;
    app.accept(&created(1, "打印机离线")).await;
    write(&app, "schemas/events/udesk/ticket.created.json", stricter);
    applied(&app, 1).await;
    let answer = app.post(&created(2, "打印机离线")).await;
    answer.assert_problem(422, "schema_violation");
    assert_eq!(answer.violations(), ["/data/subject maxLength"]);
    fs::remove_dir_all(app.folder.path().join("schemas")).expect("the folder is there");
    applied(&app, 2).await;
    app.accept(&created(2, "打印机离线")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_rotated_in_its_file_takes_effect() {
    const NEW_KEY: &str = "ops-key-after-its-rotation";
    const NEW_SIGNING_KEY: &[u8] = b"the signing key after its rotation";
    let app = TestApp::start().await;
    write(&app, "ops-key", NEW_KEY);
    applied(&app, 1).await;
    let with_key = async |key: &str| send(app.client.get(app.path("/events")).bearer_auth(key)).await.status;
    assert_eq!((with_key(OPS_KEY).await, with_key(NEW_KEY).await), (401, 200));
    write(&app, "signing", &whsec(NEW_SIGNING_KEY));
    applied(&app, 2).await;
    let signed_by = async |key: &[u8]| {
        let request = app.client.post(app.path("/events")).header("content-type", "application/json");
        send(signed(request, key, now(), created(1, "打印机离线").to_string().as_bytes())).await.status
    };
    assert_eq!((signed_by(SIGNING_KEY).await, signed_by(NEW_SIGNING_KEY).await), (401, 202));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_takes_effect_when_its_link_is_turned() {
    let app = TestApp::start().await;
    let folder = app.folder.path();
    // As Kubernetes mounts one: every file is a link into ..data, which is a link to the present folder.
    let schema = include_str!("../../../schemas/events/udesk/ticket.created.json");
    let mappings = folder.join("mappings");
    for (version, mapping) in [("..1", SHIPPED), ("..2", calmer().as_str())] {
        write(&app, &format!("mappings/{version}/udesk-bangwo8.yaml"), mapping);
        write(&app, &format!("schemas/{version}/events/udesk/ticket.created.json"), schema);
    }
    symlink("..1", mappings.join("..data")).expect("a link");
    symlink("..data/udesk-bangwo8.yaml", mappings.join("udesk-bangwo8.yaml")).expect("a link");
    symlink("..1", folder.join("schemas/..data")).expect("a link");
    symlink("..data/events", folder.join("schemas/events")).expect("a link");
    applied(&app, 1).await;
    assert_eq!(priority(&app, &app.delivered(&created(1, "打印机离线")).await).await, 4);
    symlink("..2", mappings.join("..data_tmp")).expect("a link");
    fs::rename(mappings.join("..data_tmp"), mappings.join("..data")).expect("the link is turned");
    applied(&app, 2).await;
    assert_eq!(priority(&app, &app.delivered(&created(2, "打印机离线")).await).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_has_the_files_read_again_changed_or_not() {
    let process = Process::start(Options::default()).await;
    process.hang_up().await;
    applied(&process.app, 1).await;
    process.app.write_mapping("udesk-bangwo8", &calmer());
    process.hang_up().await;
    applied(&process.app, 2).await;
    let record = process.app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(priority(&process.app, &record).await, 1);
}
