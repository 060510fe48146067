//! The request log as lines of JSON, in memory and in a file, and the state as a whole.

use deskbridge::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_to_be_had_as_lines_of_json() {
    let desk = Desk::start().await;
    desk.get("/ticketviews.json").await;
    desk.get("/tickets.json").await;
    let request = desk.request(Method::GET, "/_sandbox/requests.ndjson?path=/api/v1/tickets");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let text = response.text().await.unwrap();
    let lines = lines(&text);
    assert!(text.ends_with('\n'));
    assert_eq!(
        (lines.len(), &lines[0]["path"], &lines[0]["seq"]),
        (1, &json!("/api/v1/tickets.json"), &json!(2))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_each_request_of_both_vendors_and_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("requests.ndjson");
    std::fs::write(&file, "{\"kept\":true}\n").unwrap();
    let desk = Desk::start_with(Options { log: Some(file.clone()), ..Options::default() }).await;
    let token = desk.token().await;
    parsed(desk.request(Method::GET, "/api/v1/ticketviews.json").bearer_auth(&token)).await;
    let company = json!({"company": {"companyName": "海淀医院", "servicepassword": "p-4711"}});
    desk.write(Method::POST, "/companies.json", company).await;
    desk.udesk(Method::GET, "/api/v1/tickets.json?sign=e9fb0570fe9265fd55ea8b84f8fbcbbb", None).await;
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = lines(&text);
    assert_eq!(lines[0], json!({"kept": true}));
    let vendors: Vec<&Value> = lines.iter().skip(1).map(|line| &line["vendor"]).collect();
    assert_eq!(vendors, ["bangwo8", "bangwo8", "bangwo8", "udesk"]);
    assert_eq!(lines[3]["body"]["company"]["companyName"], "海淀医院");
    assert_eq!(lines[4]["query"], "sign=[redacted]");
    for secret in [token.as_str(), "p-4711", "e9fb0570fe92", "sandbox-client-secret", "c2FuZGJveC1"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_both_vendors_is_to_be_had_in_one_piece() {
    let desk = Desk::start().await;
    let state = desk.sandbox.state();
    assert_eq!(state["bangwo8"], desk.state().await);
    assert!(state["udesk"]["tickets"].is_array());
}
