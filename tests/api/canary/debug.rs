//! What `Debug` writes of everything that holds a secret: it is what a careless line of the log would have.

use deskbridge::config::{Config, Settings};

use super::{
    planted::{Planted, assert_unseen, secrets_of},
    settings::{RECEIVER_TOKEN, every_secret},
};
use crate::harness::*;

#[tokio::test]
async fn what_debug_writes_of_a_configuration_has_no_secret_in_it() {
    let app = TestApp::with(Options { workers: 0, ..every_secret() }).await;
    let file = app.folder.path().join("deskbridge.yaml");
    let mut planted = secrets_of(&file);
    planted.push(Planted::new("the receiver's token", RECEIVER_TOKEN));
    let config = Config::load(&file).expect("it can be read");
    let written = format!("{config:?}{config:#?}");
    assert!(written.contains("wallboard"), "{written}");
    assert_unseen(&planted, "the configuration", written.as_bytes());
    // Bytes of a key would be written as numbers.
    let key = format!("{SIGNING_KEY:?}");
    assert!(!written.contains(key.trim_matches(['[', ']'])), "a signing key in numbers");
}

#[test]
fn what_debug_writes_of_the_settings_has_no_password_in_it() {
    let store = "postgres://deskbridge:password-of-the-database@db/deskbridge".to_owned();
    let settings = Settings { store, ..Settings::default() };
    let written = format!("{settings:?}{settings:#?}");
    assert!(
        written.contains("deskbridge.yaml") && !written.contains("password-of-the-database"),
        "{written}"
    );
}
