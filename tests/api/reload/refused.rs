//! Files that are no configuration: the one in force stays, and everybody who may look is told.

use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_changes_nothing_and_is_told_until_it_is_mended() {
    let process = Process::start(Options::default()).await;
    let app = &process.app;
    assert_eq!(check(app).await, json!({ "name": "configuration", "ok": true, "detail": "1 connection" }));
    let lines = app.metrics().await;
    assert!(lines.contains("deskbridge_configuration_refused 0\n"), "{lines}");
    assert!(lines.contains("deskbridge_configuration_applied_timestamp_seconds 1"), "{lines}");

    app.write_mapping("udesk-bangwo8", &SHIPPED.replace("urgency: 4", "urgency: 99"));
    refused(app, 1).await;
    let broken = check(app).await;
    assert_eq!(broken["ok"], false);
    let line = SHIPPED.lines().position(|line| line.contains("urgency: 4")).expect("the line") + 1;
    let place = format!("mappings/udesk-bangwo8.yaml:{line}:");
    let detail = broken["detail"].as_str().expect("text");
    assert!(detail.starts_with("1 connection; the files have changed since and are refused: "), "{detail}");
    assert!(detail.contains(&place) && detail.contains("99"), "{detail}");
    assert!(app.metrics().await.contains("deskbridge_configuration_refused 1\n"));
    assert_eq!(process.log().matches(&place).count(), 1, "{}", process.log());
    let record = app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(priority(app, &record).await, 4);

    app.write_mapping("udesk-bangwo8", &calmer());
    applied(app, 1).await;
    assert_eq!(check(app).await["ok"], true);
    assert!(app.metrics().await.contains("deskbridge_configuration_refused 0\n"));
    let record = app.delivered(&created(2, "打印机离线")).await;
    assert_eq!(priority(app, &record).await, 1);

    // No mistake, but hardly ever meant.
    let text = std::fs::read_to_string(app.folder.path().join("deskbridge.yaml")).expect("the file");
    let (keys, _) = text.split_once("connections:\n").expect("the connections");
    write(app, "deskbridge.yaml", &format!("{keys}connections: {{}}\n"));
    applied(app, 2).await;
    for told in ["takes every connection away", "no connection is configured"] {
        assert_eq!(process.log().matches(told).count(), 1, "{}", process.log());
    }
    assert_eq!(app.post(&created(3, "打印机离线")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_taken_back_is_no_longer_told() {
    let app = TestApp::start().await;
    let text = std::fs::read_to_string(app.folder.path().join("deskbridge.yaml")).expect("the file");
    write(&app, "deskbridge.yaml", &text.replace("on_dead: park", "on_dead: pork"));
    refused(&app, 1).await;
    let detail = check(&app).await["detail"].to_string();
    assert!(detail.contains("deskbridge.yaml:") && !detail.contains("pork"), "{detail}");
    write(&app, "deskbridge.yaml", &text);
    applied(&app, 1).await;
    assert_eq!(check(&app).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_edits_at_once_neither_takes_effect_if_one_is_broken() {
    let app = TestApp::start().await;
    app.write_mapping("udesk-bangwo8", &calmer());
    write(&app, "schemas/events/udesk/ticket.created.json", "{ \"type\": ");
    refused(&app, 1).await;
    assert_eq!(priority(&app, &app.delivered(&created(1, "打印机离线")).await).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_named_before_its_file_is_there_takes_effect_with_the_file() {
    let app = TestApp::start().await;
    let verify = "[{ standard_webhooks: { secrets: [file:signing-later] } }]";
    rewrite(&app, &Options { verify: verify.into(), ..Options::default() });
    refused(&app, 1).await;
    assert!(check(&app).await["detail"].to_string().contains("signing-later"));
    app.accept(&created(1, "打印机离线")).await;
    write(&app, "signing-later", &whsec(SIGNING_KEY_BEFORE));
    applied(&app, 1).await;
    assert_eq!(app.post(&created(2, "打印机离线")).await.status, 401);
}

/// The shipped mapping of that name, which would be read if there were none of the tenant's own, is not what they meant.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_turned_to_nowhere_leaves_what_it_led_to_in_force() {
    let app = TestApp::start().await;
    let turn = |to: &str| {
        let folder = app.folder.path().join("mappings");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::os::unix::fs::symlink(to, folder.join("new")).expect("a link");
        std::fs::rename(folder.join("new"), folder.join("udesk-bangwo8.yaml")).expect("turned");
    };
    write(&app, "calmer.yaml", &calmer());
    turn("../calmer.yaml");
    applied(&app, 1).await;
    turn("../nowhere.yaml");
    refused(&app, 1).await;
    assert!(check(&app).await["detail"].to_string().contains("leads to no file"));
    assert_eq!(priority(&app, &app.delivered(&created(1, "打印机离线")).await).await, 1);
    turn("../calmer.yaml");
    applied(&app, 2).await;
}

/// Whoever opened it would wait for its writer, and see no later change of any file.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_the_place_of_a_secret_is_refused_and_what_comes_after_it_is_read() {
    let app = TestApp::start().await;
    let key = app.folder.path().join("ops-key");
    let secret = std::fs::read(&key).expect("a key");
    std::fs::remove_file(&key).expect("removed");
    assert!(std::process::Command::new("mkfifo").arg(&key).status().expect("mkfifo").success());
    refused(&app, 1).await;
    std::fs::remove_file(&key).expect("removed");
    std::fs::write(&key, secret).expect("a key");
    applied(&app, 1).await;
}
