//! An edit of the configuration's files takes effect without a restart, as a whole or not at all.

mod connections;
mod files;
mod refused;
mod under_load;

use crate::harness::*;

/// Writes the configuration anew, with other options.
fn rewrite(app: &TestApp, options: &Options) {
    write_config(app.folder.path(), &app.sandbox, options);
}

/// Writes one of the configuration's files.
fn write(app: &TestApp, name: &str, text: &str) {
    let file = app.folder.path().join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(file, text).expect("a file");
}

/// Waits until so many changed configurations were applied since the start.
async fn applied(app: &TestApp, times: u32) {
    app.applied(times).await;
}

/// Waits until so many changed configurations were refused since the start.
async fn refused(app: &TestApp, times: u32) {
    app.reloaded("refused", times).await;
}

/// The check "configuration" of `/readyz?verbose`, of a service that is ready.
async fn check(app: &TestApp) -> serde_json::Value {
    let answer = send(app.client.get(format!("{}/readyz?verbose", app.url))).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "ready"), "{}", answer.text);
    let checks = answer.json["checks"].as_array().expect("checks").clone();
    checks.into_iter().find(|check| check["name"] == "configuration").expect("the check")
}
