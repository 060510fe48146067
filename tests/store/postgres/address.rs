//! What is wrong with an address is said in a sentence, without the password.

use deskbridge::store::{Archive, Store, StoreError};

use super::{place::server, support::*};

/// The server's address with another database.
fn database(name: &str) -> String {
    let server = server();
    format!("{}/{name}", server.rsplit_once('/').expect("a database").0)
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused_at_once_with_what_to_do() {
    let refused = Store::open(&database("desk_that_is_not_there"), at(0)).await.map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    let message = refused.to_string();
    assert!(message.contains("desk_that_is_not_there") && message.contains("CREATE DATABASE"), "{message}");
}

#[tokio::test]
async fn a_user_that_is_not_there_is_refused_at_once() {
    let url = server().replace("deskbridge@", "nobody:s3cret@");
    let refused = Store::open(&url, at(0)).await.map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("s3cret"), "{refused}");
}

#[test]
fn a_server_that_is_not_there_is_named_without_the_password() {
    let refused = Archive::open("postgres://desk:s3cret@127.0.0.1:1/desk").err().expect("nobody is there");
    assert!(matches!(refused, StoreError::Unreachable(_)), "{refused:?}");
    let message = format!("{refused} {refused:?}");
    assert!(message.contains("desk on 127.0.0.1:1"), "{message}");
    assert!(!message.contains("s3cret"), "{message}");
}

#[test]
fn an_address_that_can_not_be_read_is_refused_without_being_quoted() {
    for (url, why) in [
        ("postgres:///desk", "names no host"),
        ("postgres://desk:s3cret@host:port/desk", ""),
        ("postgres://desk:s3cret@host/desk?sslmode=maybe", "sslmode"),
        (
            "postgres://desk:s3cret@host/desk?sslrootcert=/no/such/file.pem&sslmode=require",
            "/no/such/file.pem",
        ),
        ("postgresql://desk:s3cret@host/desk?colour=red", "colour"),
    ] {
        let refused = Archive::open(url).err().expect("it can't be read");
        assert!(matches!(refused, StoreError::Address(_)), "{url}: {refused:?}");
        let message = format!("{refused} {refused:?}");
        assert!(message.contains(why) && !message.contains("s3cret"), "{url}: {message}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let desk = Desk::new().await;
    let refused =
        Archive::open(&format!("{}?sslmode=require", desk.url())).err().expect("the server has no TLS");
    assert!(refused.to_string().contains("TLS"), "{refused}");
    Archive::open(&format!("{}?sslmode=prefer", desk.url())).expect("it needn't have");
}
