//! All tickets of a view as lines: NDJSON, and CSV as Python's own reader of it sees it.

use std::process::Stdio;

use deskbridge::sandbox;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{
    harness::*,
    ticketviews::{every_second, reading, until_read},
};

const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";

fn asking(app: &TestApp, path: &str, form: &str) -> RequestBuilder {
    app.client.get(app.path(path)).bearer_auth(WALL_KEY).header("accept", form)
}

async fn exported(app: &TestApp, path: &str, form: &str) -> Answer {
    let answer = send(asking(app, path, form)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The rows as Python's `csv` reads them, each an object by the header's names.
async fn read_by_python(text: &str) -> Vec<Value> {
    let program = "import csv, io, json, sys\n\
        text = sys.stdin.buffer.read().decode('utf-8-sig')\n\
        print(json.dumps(list(csv.DictReader(io.StringIO(text, newline=''), strict=True))))";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = python.stdin.take().expect("it is piped");
    input.write_all(text.as_bytes()).await.expect("python3 reads");
    drop(input);
    let output = python.wait_with_output().await.expect("python3 ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn ndjson_has_each_ticket_on_a_line_as_the_pages_have_it() {
    let app = reading().await;
    let pages = app.get("/ticketviews/2/tickets").await;
    let lines = exported(&app, "/ticketviews/2/tickets", NDJSON).await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let tickets: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(tickets), pages.json["tickets"]);
    assert!(lines.text.ends_with('\n'));
    assert_eq!(lines.header("deskbridge-cursor"), pages.json["cursor"].to_string());
    assert!(lines.header("content-disposition").contains("ticketview-2.ndjson"));
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_is_read_back_by_python_as_it_was_written() {
    let app = reading().await;
    let awkward = json!({ "ticketId": 6_000_001, "subject": "打印机 \"离线\", 第2次\r\n又断了", "descript": "=HYPERLINK(\"http://evil.example\")", "ticketStatus": 1 });
    assert_eq!(app.control(Method::POST, "tickets", &awkward).await.status, 201);
    eventually(async || (app.get("/ticketviews/2/count").await.json["count"] == 24).then_some(())).await;
    let csv = exported(&app, "/ticketviews/2/tickets", CSV).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(csv.text.starts_with("id,subject,description,status.code,"), "{}", &csv.text[..80]);
    assert!(csv.text.ends_with("\r\n"));
    let rows = read_by_python(&csv.text).await;
    let tickets = app.get("/ticketviews/2/tickets").await.json["tickets"].clone();
    assert_eq!(rows.len(), 24);
    for (row, ticket) in rows.iter().zip(tickets.as_array().unwrap()) {
        assert_eq!(row["id"], ticket["id"].to_string());
        assert_eq!(row["subject"].as_str().unwrap(), ticket["subject"].as_str().unwrap_or_default());
        assert_eq!(row["status.label"].as_str(), ticket["status"]["label"].as_str());
        assert_eq!(row["created_at"].as_str(), ticket["created_at"].as_str());
        for (key, field) in ticket["custom_fields"].as_object().unwrap() {
            if let Some(text) = field["value"].as_str().filter(|text| !text.starts_with(['=', '+', '-', '@']))
            {
                assert!(
                    row[format!("custom_fields.{key}")].as_str().unwrap().starts_with(text),
                    "{key}: {row}"
                );
            }
        }
    }
    let row = rows.iter().find(|row| row["id"] == "6000001").unwrap();
    assert_eq!(row["subject"], "打印机 \"离线\", 第2次\r\n又断了");
    assert_eq!(row["description"], "'=HYPERLINK(\"http://evil.example\")", "no spreadsheet runs it");
}

#[tokio::test(flavor = "multi_thread")]
async fn for_spreadsheets_there_is_a_byte_order_mark_and_the_names_of_custom_fields() {
    let app = reading().await;
    let plain = exported(&app, "/ticketviews/2/tickets", CSV).await;
    // The client that reads the text takes the mark off, which its length tells.
    let marked =
        asking(&app, "/ticketviews/2/tickets?bom=true", CSV).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(&marked[..3], b"\xef\xbb\xbf");
    assert_eq!(&marked[3..], plain.text.as_bytes());
    assert!(!plain.text.starts_with('\u{feff}'));
    let named = exported(&app, "/ticketviews/2/tickets?names=true", CSV).await;
    let (by_key, by_name) = (plain.text.lines().next().unwrap(), named.text.lines().next().unwrap());
    assert_eq!(by_key.split(',').count(), by_name.split(',').count());
    let keys = |header: &str| header.matches("custom_fields.").count();
    assert!(keys(by_name) < keys(by_key), "{by_name}");
    for (path, form) in [
        ("/ticketviews/2/tickets?bom=true", NDJSON),
        ("/ticketviews/2/tickets?names=true", "application/json"),
        ("/ticketviews/2/tickets?bom=yes", CSV),
        ("/ticketviews/2/tickets?page=2", CSV),
        ("/ticketviews/2/tickets?per_page=10", NDJSON),
    ] {
        send(asking(&app, path, form)).await.assert_problem(400, "invalid_query");
    }
    send(asking(&app, "/ticketviews/2/tickets", "application/xml"))
        .await
        .assert_problem(406, "not_acceptable");
    send(asking(&app, "/ticketviews/99/tickets", CSV)).await.assert_problem(404, "unknown_ticketview");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_not_sent_again_to_who_has_it() {
    let app = reading().await;
    let first = exported(&app, "/ticketviews/2/tickets", CSV).await;
    let again = asking(&app, "/ticketviews/2/tickets", CSV).header("if-none-match", first.header("etag"));
    let again = send(again).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", first.header("etag")));
    let other =
        asking(&app, "/ticketviews/2/tickets?bom=true", CSV).header("if-none-match", first.header("etag"));
    assert_eq!(send(other).await.status, 200, "it is another text");
    let head =
        app.client.head(app.path("/ticketviews/2/tickets")).bearer_auth(WALL_KEY).header("accept", CSV);
    let head = send(head).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", first.header("etag")));
    for encoding in ["gzip", "zstd"] {
        let packed = asking(&app, "/ticketviews/2/tickets", CSV).header("accept-encoding", encoding);
        let packed = packed.send().await.unwrap();
        assert_eq!(packed.headers()["content-encoding"], encoding);
        assert_ne!(packed.headers()["etag"], first.header("etag"));
        let bytes = packed.bytes().await.unwrap();
        let plain = match encoding {
            "gzip" => std::io::read_to_string(flate2::read::GzDecoder::new(&bytes[..])).unwrap(),
            _ => String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap(),
        };
        assert_eq!(plain, first.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_tells_of_an_export_without_making_it() {
    let app = reading().await;
    for form in [CSV, NDJSON] {
        let get = exported(&app, "/ticketviews/2/tickets", form).await;
        let asked = app.client.request(Method::HEAD, app.path("/ticketviews/2/tickets"));
        let head = send(asked.bearer_auth(WALL_KEY).header("accept", form)).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        for header in ["etag", "content-type", "content-disposition", "deskbridge-cursor"] {
            assert_eq!(head.header(header), get.header(header), "{form}: {header}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_view_comes_in_pieces_all_of_one_state() {
    let generate = sandbox::Counts { tickets: 800, views: 1, ..sandbox::Counts::default() };
    let sandbox = sandbox::start(sandbox::Options { generate, ..sandbox::Options::default() }).await.unwrap();
    let app = TestApp::against(sandbox, every_second()).await;
    until_read(&app).await;
    let list = app.get("/ticketviews").await;
    let views = list.json["ticketviews"].as_array().unwrap();
    let large = views.iter().find(|view| view["ticket_count"] == 800).unwrap()["id"].clone();
    let path = format!("/ticketviews/{large}/tickets");
    let mut answer = asking(&app, &path, NDJSON).send().await.unwrap();
    assert!(answer.headers().get("content-length").is_none(), "its length is known at its end");
    let first = answer.chunk().await.unwrap().unwrap();
    // A ticket leaves all views while the lines are on their way.
    let begin = String::from_utf8(first.to_vec()).unwrap();
    let id = serde_json::from_str::<Value>(begin.lines().next().unwrap()).unwrap()["id"].clone();
    app.control(Method::DELETE, &format!("tickets/{id}"), &Value::Null).await;
    eventually(async || {
        (app.get(&format!("/ticketviews/{large}/count")).await.json["count"] == 799).then_some(())
    })
    .await;
    let (mut text, mut pieces) = (first.to_vec(), 1);
    while let Some(piece) = answer.chunk().await.unwrap() {
        text.extend(piece);
        pieces += 1;
    }
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count(), 800);
    assert!(pieces >= 3, "{pieces} pieces");
    let ids: std::collections::HashSet<String> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].to_string()).collect();
    assert_eq!(ids.len(), 800);
}
