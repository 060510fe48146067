//! Bangwo8's own addresses and shapes, as its documents print them and as its simulator answers.

use std::process::Stdio;

use deskbridge::sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

use crate::{
    harness::*,
    ticketviews::{reading, until_stale},
};

const BASE: &str = "/bangwo8/api/v1";

/// As the documents print it, but for what they leave out by `...` and braces that they forget.
const PRINTED_LIST: &str = r#"{"ticketviews":[{"id":"10","title":"最近解决的工单","active":"0","createDT":"2019-08-16 00:00:08","updateDT":""},{"id":"13","title":"售前","active":"0","createDT":"2019-12-08 16:11:23","updateDT":"2019-12-08 16:13:40"},{"id":"15","title":"售中","active":"1","createDT":"2019-12-08 16:14:41","updateDT":"2019-12-08 16:12:48"},{"id":"17","title":"售后","active":"1","createDT":"2019-12-08 16:12:48","updateDT":"2019-12-08 16:14:41"},{"id":"2","title":"所有工单","active":"1","createDT":"2019-08-16 00:00:00","updateDT":"2019-10-07 13:35:59"},{"id":"3","title":"您未解决的工单","active":"0","createDT":"2019-08-16 00:00:01","updateDT":""},{"id":"4","title":"未分配的工单","active":"0","createDT":"2019-08-16 00:00:02","updateDT":""},{"id":"5","title":"所有未解决的工单","active":"0","createDT":"2019-08-16 00:00:03","updateDT":""},{"id":"6","title":"最近更新的工单","active":"0","createDT":"2019-08-16 00:00:04","updateDT":""},{"id":"7","title":"你组中的新工单","active":"0","createDT":"2019-08-16 00:00:05","updateDT":""},{"id":"8","title":"待回应的工单","active":"0","createDT":"2019-08-16 00:00:06","updateDT":""},{"id":"9","title":"您组中未解决的工单","active":"0","createDT":"2019-08-16 00:00:07","updateDT":""}],"count":"12"}"#;
const PRINTED_VIEW: &str = r#"{"ticketview":{"id":"9","title":"您组中未解决的工单","active":"0","createDT":"2019-08-16 00:00:07","updateDT":""}}"#;
const PRINTED_COUNT: &str = r#"{"ticketview_count":[{"ticketview_id":"15","count":"7"}]}"#;
const PRINTED_COUNTS: &str =
    r#"{"ticketview_counts":[{"ticketview_id":"15","count":"7"},{"ticketview_id":"2","count":"23"}]}"#;
const PRINTED_TICKET: &str = r#"{"ticketId":"5237431","subject":"测试工单","descript":"","ticketSource":"工单工作台","ticketType":"","priorityLevel":"","ticketStatus":"新建","custUserId":"21130282","servicerUserId":"565123","ticketTemplateId":"21130282","tagList":"","createDT":"2019-12-19 14:28:51","updateDT":"2019-12-19 14:37:26","custom_fields":[{"key":"field_12","value":"合同制定"},{"key":"field_16","value":[{"name":"195151szk8umd8or8fmfa5.jpg","uri":"386279/snNyQASjsh.jpg","datetime":"2019-12-19 14:28:48"}]},{"key":"field_25","value":"a:4:{s:2:\"SN\";s:16:\"xpt87wm7u4a64lv4\";s:5:\"total\";i:0;s:4:\"data\";a:0:{}s:10:\"isAppraise\";i:0;}"}]}"#;

/// Of deskbridge, as a tool does that knows HTTP Basic only.
async fn ask(app: &TestApp, path: &str) -> Answer {
    let request = app.client.get(app.path(&format!("{BASE}{path}")));
    send(request.basic_auth("li.na@acme.example", Some(WALL_KEY))).await
}

/// Of the vendor itself.
async fn ask_vendor(app: &TestApp, path: &str) -> Answer {
    let request = app.client.get(format!("{}/api/v1{path}", app.sandbox.bangwo8_url()));
    let (account, password) = (credentials::BANGWO8_ADMIN_ACCOUNT, credentials::BANGWO8_ADMIN_PASSWORD);
    send(request.basic_auth(account, Some(password))).await
}

/// True if no scalar is anything but text.
fn is_all_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(is_all_text),
        Value::Object(members) => members.values().all(is_all_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_answers_come_to_the_byte() {
    let app = reading().await;
    for (path, printed) in [
        ("/ticketviews.json", PRINTED_LIST),
        ("/ticketviews/9.json", PRINTED_VIEW),
        ("/ticketviews/15/count.json", PRINTED_COUNT),
        ("/ticketviews/show_many.json?ids=15,2", PRINTED_COUNTS),
        ("/ticketviews/show_many.json?ids=%7B15,2%7D", PRINTED_COUNTS),
        ("/ticketviews/show_many.json?ids=15,99,2", PRINTED_COUNTS),
    ] {
        let answer = ask(&app, path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, printed), "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_have_the_printed_keys_in_their_order_and_are_all_text() {
    let app = reading().await;
    let page = ask(&app, "/ticketviews/2/tickets.json").await;
    assert_eq!(keys(&page.json), ["tickets", "count", "previous_page", "next_page"]);
    assert_eq!((page.str("/count"), page.str("/previous_page"), page.str("/next_page")), ("23", "", ""));
    assert!(is_all_text(&page.json), "{}", page.text);
    let printed: Value = serde_json::from_str(PRINTED_TICKET).unwrap();
    let tickets = page.json["tickets"].as_array().unwrap();
    let ticket = tickets.iter().find(|ticket| ticket["ticketId"] == "5237431").unwrap();
    let in_print: Vec<&str> = keys(ticket).into_iter().filter(|key| printed.get(key).is_some()).collect();
    assert_eq!(in_print, keys(&printed));
    // The template's id is printed as the contact's, in every ticket: a mistake of copying.
    let aside = ["custom_fields", "ticketTemplateId"];
    for (key, value) in printed.as_object().unwrap().iter().filter(|(key, _)| !aside.contains(&key.as_str()))
    {
        assert_eq!(&ticket[key], value, "{key}");
    }
    let fields = ticket["custom_fields"].as_array().unwrap();
    for field in printed["custom_fields"].as_array().unwrap() {
        assert!(fields.contains(field), "{field}");
    }
    assert!(fields.iter().all(|field| keys(field) == ["key", "value"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_simulator_answers_is_what_comes_from_here() {
    let app = reading().await;
    for path in [
        "/ticketviews.json",
        "/ticketviews/2.json",
        "/ticketviews/2.json?fields=show_tickets_num",
        "/ticketviews/2/tickets.json?page=1&per_page=100",
        "/ticketviews/15/tickets.json?page=9&per_page=10",
        "/ticketviews/15/count.json",
        "/ticketviews/show_many.json?ids=17,2,15",
    ] {
        let (ours, theirs) = (ask(&app, path).await, ask_vendor(&app, path).await);
        let (mut ours, mut theirs) = (ours.json, theirs.json);
        for json in [&mut ours, &mut theirs] {
            if json["previous_page"].is_string() {
                json["previous_page"] = json!("an address");
            }
        }
        assert_eq!(ours.to_string(), theirs.to_string(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_by_addresses_that_can_be_followed() {
    let app = reading().await;
    let mut ids = Vec::new();
    let mut address = app.path(&format!("{BASE}/ticketviews/2/tickets.json?per_page=10"));
    let mut before = String::new();
    while !address.is_empty() {
        let page = send(app.client.get(&address).basic_auth("x", Some(WALL_KEY))).await;
        assert_eq!(page.status, 200, "{address}");
        ids.extend(
            page.json["tickets"].as_array().unwrap().iter().map(|ticket| ticket["ticketId"].to_string()),
        );
        assert_eq!(page.str("/previous_page").is_empty(), before.is_empty());
        before.clone_from(&address);
        address = page.str("/next_page").to_owned();
    }
    assert_eq!(ids.len(), 23);
    for odd in ["page=x&per_page=100000", "page=1&page=2", "page=0&sort=up"] {
        let odd = ask(&app, &format!("/ticketviews/2/tickets.json?{odd}")).await;
        assert_eq!((odd.status, odd.str("/count")), (200, "23"), "the vendor takes anything there");
    }
}

/// An answer to a request that no client of ours would send.
async fn ask_raw(app: &TestApp, path: &str, headers: &str) -> String {
    let url = app.path(&format!("{BASE}{path}"));
    let (host, path) = url.strip_prefix("http://").expect("an address").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).await.expect("it listens");
    let request = format!(
        "GET /{path} HTTP/1.1\r\n{headers}\r\nAuthorization: Bearer {WALL_KEY}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("it answers");
    String::from_utf8(answer).expect("an answer is UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_by_their_path_where_the_host_is_none() {
    let app = reading().await;
    let path = "/ticketviews/2/tickets.json?per_page=10";
    let long = format!("Host: {}.example", "a".repeat(300));
    for odd in [
        "Host: a b",
        "Host:",
        "Host: x\r\nX-Forwarded-Host: [",
        "Host: x\r\nX-Forwarded-Host: you@evil.example",
        "Host: x\r\nX-Forwarded-Proto: javascript",
        &long,
    ] {
        let answer = ask_raw(&app, path, odd).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{odd}: {answer}");
        assert!(answer.contains("\"next_page\":\"/v1/connections/"), "{odd}: {answer}");
    }
    let proxied = "Host: x\r\nX-Forwarded-Host: wall.example:8443\r\nX-Forwarded-Proto: https";
    let answer = ask_raw(&app, path, proxied).await;
    assert!(answer.contains("\"next_page\":\"https://wall.example:8443/v1/connections/"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_stand_beside_views_if_asked_for() {
    let app = reading().await;
    let list = ask(&app, "/ticketviews.json?fields=show_tickets_num").await;
    for view in list.json["ticketviews"].as_array().unwrap() {
        assert_eq!(keys(view), ["id", "title", "active", "ticket_count", "createDT", "updateDT"]);
    }
    assert!(is_all_text(&list.json));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_in_the_vendors_shape() {
    let app = reading().await;
    for path in
        ["/ticketviews/99.json", "/ticketviews/99/tickets.json", "/ticketviews/9/count.json", "/tickets.json"]
    {
        let answer = ask(&app, path).await;
        assert_eq!((answer.status, answer.str("/errcode")), (404, "100047"), "{path}: {}", answer.text);
        assert!(answer.str("/errmsg").starts_with("Invalid resource URI"), "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let url = app.path(&format!("{BASE}/ticketviews.json"));
    for request in [
        app.client.get(&url),
        app.client.get(&url).basic_auth("x", Some("no such key at all")),
        app.client.get(&url).header("authorization", "Basic %%%"),
    ] {
        let answer = send(request).await;
        assert_eq!((answer.status, answer.str("/errcode")), (401, "401"), "{}", answer.text);
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"deskbridge\"");
    }
    let answer = send(app.client.get(&url).basic_auth("x", Some(FLOW_KEY))).await;
    assert_eq!((answer.status, answer.str("/errcode")), (403, "403"));
    assert_eq!(send(app.client.get(&url).bearer_auth(WALL_KEY)).await.status, 200, "Bearer is as good");
    let answer = send(
        app.client
            .request(Method::POST, app.path(&format!("{BASE}/tickets.json")))
            .basic_auth("x", Some(OPS_KEY)),
    )
    .await;
    assert_eq!((answer.status, answer.str("/errcode")), (404, "100047"), "nothing is written here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_revalidates_and_is_told_of_stale_data_in_a_header() {
    let app = reading().await;
    let first = ask(&app, "/ticketviews/2/tickets.json").await;
    let url = app.path(&format!("{BASE}/ticketviews/2/tickets.json"));
    let again =
        app.client.get(&url).basic_auth("x", Some(WALL_KEY)).header("if-none-match", first.header("etag"));
    assert_eq!(send(again).await.status, 304);
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 503 })).await;
    until_stale(&app, true).await;
    let stale = ask(&app, "/ticketviews/2/tickets.json").await;
    assert_eq!(
        (stale.status, &stale.text, stale.header("deskbridge-stale")),
        (200, &first.text, "unavailable")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_own_curl_lines_run_against_it() {
    let app = reading().await;
    for (line, printed) in [
        (include_str!("../conformance/curl/ticketviews.sh"), PRINTED_LIST),
        (include_str!("../conformance/curl/ticketview.sh"), PRINTED_VIEW),
        (include_str!("../conformance/curl/ticketview_count.sh"), PRINTED_COUNT),
        (include_str!("../conformance/curl/ticketview_counts.sh"), PRINTED_COUNTS),
    ] {
        assert_eq!(run(&app, line).await, printed);
    }
    // View 9 of the line is switched off, and what is switched off isn't read.
    let tickets =
        include_str!("../conformance/curl/ticketview_tickets.sh").replace("ticketviews/9/", "ticketviews/2/");
    let tickets: Value = serde_json::from_str(&run(&app, &tickets).await).unwrap();
    assert_eq!((&tickets["count"], &tickets["next_page"]), (&json!("23"), &json!("")));
}

/// What a printed line prints, with the base address and the key of deskbridge in their places. A line break was lost on
/// the page, and braces are curl's own signs for several addresses.
async fn run(app: &TestApp, printed: &str) -> String {
    let line = printed
        .replace("https://www.bangwo8.com", &app.path("/bangwo8"))
        .replace("{account}:{password}", &format!("anybody:{WALL_KEY}"))
        .replace(" \\ -v", " -v")
        .replace("curl ", "curl --globoff ");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).stdin(Stdio::null()).kill_on_drop(true);
    let output = shell.output().await.expect("sh runs");
    assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("an answer is UTF-8")
}
