//! A store whose content nobody reads who has only its file.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{CANARY, is_on_disk, of_the_person, said, store_url};
use crate::harness::*;

fn key(name: &str, byte: u8) -> String {
    format!("{name}:{}\n", BASE64_STANDARD.encode([byte; 32]))
}

fn encrypted(keys: &str) -> Options {
    Options { encryption_keys: keys.to_owned(), ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_delivered_explained_and_in_no_byte_of_the_file() {
    let app = TestApp::with(encrypted(&key("k1", 1))).await;
    app.delivered(&of_the_person(1)).await;
    assert!(!is_on_disk(&app));
    let id = of_the_person(1)["id"].as_str().unwrap().to_owned();
    let explained = app.get(&format!("/events/{id}/explain")).await;
    assert!(explained.text.contains(CANARY), "who may know is told: {}", explained.text);
    assert_eq!(app.post(&of_the_person(1)).await.str("/status"), "duplicate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_is_encrypted_rotated_and_copied_by_its_commands() {
    let mut app = TestApp::start().await;
    app.delivered(&of_the_person(1)).await;
    assert!(is_on_disk(&app), "the search would find it");
    app.stop().await;
    let keys = app.folder.path().join("keys");
    let keys_path = keys.display().to_string();
    let here = store_url(&app);
    std::fs::write(&keys, key("k1", 1)).unwrap();
    let reencrypt = ["store", "reencrypt", "--store", &here, "--encryption-keys", &keys_path];
    let done = said(&reencrypt).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert!(done.out.contains("under the key k1"), "{}", done.out);
    assert!(!is_on_disk(&app), "nothing plain is left in the file");

    std::fs::write(&keys, [key("k2", 2), key("k1", 1)].concat()).unwrap();
    assert_eq!(said(&reencrypt).await.code, Some(0));
    let stats = said(&["store", "stats", "--json", "--store", &here]).await;
    let report: Value = serde_json::from_str(&stats.out).unwrap();
    let under = report["encryption"].as_array().unwrap();
    assert!(under.len() == 1 && under[0]["key"] == "k2", "{report}");
    std::fs::write(&keys, key("k2", 2)).unwrap();

    let there = here.replace("deskbridge.db", "plain.sqlite");
    let copy = ["store", "copy", &here, &there, "--encryption-keys", &keys_path, "--to-encryption-keys", ""];
    let copied = said(&copy).await;
    assert_eq!(copied.code, Some(0), "{}{}", copied.out, copied.err);
    let plain = std::fs::read(there.trim_start_matches("sqlite:")).unwrap();
    assert!(plain.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "it is plain there");
    let again = here.replace("deskbridge.db", "encrypted.sqlite");
    let copied = said(&["store", "copy", &there, &again, "--to-encryption-keys", &keys_path]).await;
    assert_eq!(copied.code, Some(0), "{}{}", copied.out, copied.err);
    let sealed = std::fs::read(again.trim_start_matches("sqlite:")).unwrap();
    assert!(!sealed.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "it is encrypted there");
    let backup = app.folder.path().join("backup.db").display().to_string();
    assert_eq!(said(&["store", "backup", &backup, "--store", &again]).await.code, Some(0));
    let (backup, moved) = (format!("sqlite:{backup}"), here.replace("deskbridge.db", "moved.sqlite"));
    let copied = said(&["store", "copy", &backup, &moved, "--encryption-keys", &keys_path]).await;
    assert_eq!(copied.code, Some(0), "{}{}", copied.out, copied.err);

    let app = app.restart_with(encrypted(&key("k2", 2))).await;
    assert_eq!(app.post(&of_the_person(1)).await.str("/status"), "duplicate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_the_key_doesnt_start_and_says_which_one_it_needs() {
    let mut app = TestApp::with(encrypted(&key("k1", 1))).await;
    app.stop().await;
    let here = store_url(&app);
    let config = app.folder.path().join("deskbridge.yaml").display().to_string();
    let serve = ["serve", "--config", &config, "--store", &here, "--listen", "127.0.0.1:0"];
    let refused = said(&serve).await;
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(
        refused.err.contains("encryption key k1") && refused.err.contains("DESKBRIDGE_ENCRYPTION_KEYS"),
        "{}",
        refused.err
    );
    let keys = app.folder.path().join("keys");
    std::fs::write(&keys, key("k1", 9)).unwrap();
    let wrong = said(&[&serve[..], &["--encryption-keys", &keys.display().to_string()]].concat()).await;
    assert!(wrong.err.contains("is not the one that the store was written under"), "{}", wrong.err);
    std::fs::write(&keys, "k1:c2hvcnQ=").unwrap();
    let broken = said(&[&serve[..], &["--encryption-keys", &keys.display().to_string()]].concat()).await;
    assert_eq!(broken.code, Some(2), "{}", broken.err);
    assert!(broken.err.contains("keys:1:") && !broken.err.contains("c2hvcnQ"), "{}", broken.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_there_is_nothing_to_encrypt_under() {
    let mut app = TestApp::start().await;
    app.stop().await;
    let refused = said(&["store", "reencrypt", "--store", &store_url(&app)]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("--encryption-keys"), "{}", refused.err);
    assert_eq!(json!(refused.out), json!(""));
}
