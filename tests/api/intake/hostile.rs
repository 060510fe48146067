//! JSON that is made to hurt, by every door that takes a body. Each is refused with words, or accepted and right as far as
//! the target. The bodies that a journal could choke on are sent to both engines.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::harness::*;

const PUSHES: &str = "[{ push_token: { in: query, name: token, secret: file:push-token } }, { api_key: {} }, \
                       { standard_webhooks: { secrets: [file:signing] } }]";

/// A way for a ticket's data to come in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Plain,
    Structured,
    Batch,
    Binary,
    Push,
    Preview,
}

const DOORS: [Door; 6] =
    [Door::Plain, Door::Structured, Door::Batch, Door::Binary, Door::Push, Door::Preview];

impl Door {
    /// The body that has `data`, as this door's senders write it.
    fn body(self, data: &str) -> String {
        let event = format!(
            r#"{{"specversion":"1.0","source":"/flow","id":"1","type":"ticket.created","data":{data}}}"#
        );
        match self {
            Self::Plain | Self::Preview => {
                format!(r#"{{"id":"1","type":"ticket.created","data":{data}}}"#)
            }
            Self::Structured => event,
            Self::Batch => format!("[{event}]"),
            Self::Binary | Self::Push => data.to_owned(),
        }
    }

    /// Where the data stands in that body.
    fn pointer(self) -> &'static str {
        match self {
            Self::Plain | Self::Structured | Self::Preview => "/data",
            Self::Batch => "/0/data",
            Self::Binary | Self::Push => "",
        }
    }

    fn request(self, app: &TestApp) -> RequestBuilder {
        let path = match self {
            Self::Push => format!("/events?type=ticket.created&token={PUSH_TOKEN}"),
            Self::Preview => "/preview".into(),
            _ => "/events".into(),
        };
        let request = app.client.post(app.path(&path)).bearer_auth(OPS_KEY);
        match self {
            Self::Structured => request.header("content-type", "application/cloudevents+json"),
            Self::Batch => request.header("content-type", "application/cloudevents-batch+json"),
            Self::Binary => {
                [("specversion", "1.0"), ("source", "/flow"), ("id", "1"), ("type", "ticket.created")]
                    .iter()
                    .fold(request.header("content-type", "application/json"), |request, (name, value)| {
                        request.header(format!("ce-{name}"), *value)
                    })
            }
            _ => request.header("content-type", "application/json"),
        }
    }

    async fn send(self, app: &TestApp, body: impl Into<Vec<u8>>) -> Answer {
        send(self.request(app).body(body.into())).await
    }
}

/// A service whose workers don't run, with every door open.
async fn intake_only() -> TestApp {
    let api = "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into();
    TestApp::with(Options { workers: 0, verify: PUSHES.into(), api, ..Options::default() }).await
}

/// A ticket's data, and a member of it that is written by hand.
fn data_with(member: &str) -> String {
    let ticket = json!({ "id": 1, "ticket_id": 1, "subject": "打印机离线", "status": "open" }).to_string();
    format!("{},{member}}}", &ticket[..ticket.len() - 1])
}

fn generic() -> Options {
    Options { vendor: "generic".into(), mapping: "generic-bangwo8".into(), ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_stands_twice_is_refused_by_every_door_with_its_place() {
    let app = intake_only().await;
    for door in DOORS {
        for (member, place) in [
            (r#""subject":"另一个""#, "/subject"),
            (r#""custom_fields":{"a":1,"a":2}"#, "/custom_fields/a"),
            (r#""x":[{"y":{}},{"a/b":1,"\u0061\/b":1}]"#, "/x/1/a~1b"),
        ] {
            let answer = door.send(&app, door.body(&data_with(member))).await;
            app.assert_refused(&answer, 422, "schema_violation").await;
            let expected = format!("{}{place} uniqueItems", door.pointer());
            assert_eq!(answer.violations(), [expected], "{door:?}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_stands_twice_around_the_data_is_refused_too() {
    let app = intake_only().await;
    let data = data_with(r#""x":1"#);
    for (door, start) in
        [(Door::Plain, "{"), (Door::Structured, "{"), (Door::Batch, "[{"), (Door::Preview, "{")]
    {
        let body = door.body(&data).replacen(start, &format!("{start}\"id\":\"2\","), 1);
        let answer = door.send(&app, body).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        let expected = if door == Door::Batch { "/0/id uniqueItems" } else { "/id uniqueItems" };
        assert_eq!(answer.violations(), [expected], "{door:?}");
    }
    let request = Door::Binary.request(&app).header("ce-id", "2").body(data);
    let answer = send(request).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert!(answer.text.contains("the header ce-id stands twice"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_stands_twice_never_means_the_wider_one() {
    let app = intake_only().await;
    for path in ["/dead-letters/discard", "/dead-letters/replay"] {
        for body in [
            r#"{"filter":{"status":"dead"},"filter":{}}"#,
            r#"{"filter":{"lane":"ticket:1","lane":"ticket:2"}}"#,
            r#"{"filter":{},"dry_run":true,"dry_run":false}"#,
        ] {
            let request = app.client.post(app.path(path)).bearer_auth(OPS_KEY);
            let answer = send(request.header("content-type", "application/json").body(body)).await;
            app.assert_refused(&answer, 422, "invalid_options").await;
            assert!(answer.text.contains("duplicate field"), "{}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nesting_without_end_is_refused_by_every_door_wherever_it_stands() {
    const DEEP: usize = 10_000;
    let app = intake_only().await;
    let arrays = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
    for door in DOORS {
        for deep in [arrays.clone(), objects.clone(), "[".repeat(DEEP), "{\"a\":".repeat(DEEP)] {
            for body in [deep.clone(), door.body(&deep), door.body(&data_with(&format!("\"x\":{deep}")))] {
                // Told of it before anything is read below it.
                let is_no_batch = door == Door::Batch && body.starts_with('{');
                let (status, code) =
                    if is_no_batch { (422, "schema_violation") } else { (400, "malformed_json") };
                app.assert_refused(&door.send(&app, body).await, status, code).await;
            }
        }
    }
    // In a member that nobody reads.
    let around = format!("\"extension\":{arrays},\"data\"");
    for door in [Door::Structured, Door::Batch] {
        let body = door.body(&data_with("\"x\":1")).replace("\"data\"", &around);
        app.assert_refused(&door.send(&app, body).await, 400, "malformed_json").await;
    }
    for path in ["/dead-letters/discard", "/events/1/replay"] {
        let request = app.client.post(app.path(path)).bearer_auth(OPS_KEY).body(arrays.clone());
        app.assert_refused(&send(request).await, 400, "malformed_json").await;
    }
}

/// A library's own name, by which it takes a text for JSON, so that text nests in text until a stack is full. Nobody needs a
/// key to have a push's token looked for in the body.
#[tokio::test(flavor = "multi_thread")]
async fn texts_that_a_library_would_read_as_json_are_refused_by_every_door() {
    let hidden = text_in_text(1);
    let app = intake_only().await;
    for door in DOORS {
        for value in [&hidden, &text_in_text(10)] {
            let body = door.body(&data_with(&format!("\"custom_fields\":{{\"a\":{value}}}")));
            let answer = door.send(&app, body).await;
            app.assert_refused(&answer, 422, "schema_violation").await;
            assert!(answer.violations()[0].starts_with(door.pointer()), "{}", answer.text);
            assert!(answer.violations()[0].ends_with(" propertyNames"), "{}", answer.text);
        }
    }
    for path in ["/dead-letters/discard", "/dead-letters/replay", "/events/1/replay", "/erase"] {
        let request = app.client.post(app.path(path)).bearer_auth(OPS_KEY);
        let answer = send(request.body(format!("{{\"filter\":{}}}", text_in_text(10)))).await;
        app.assert_refused(&answer, 400, "malformed_json").await;
    }
    let verify = "[{ push_token: { in: body, field: token, secret: file:push-token } }]".into();
    let api = "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into();
    let by_body = TestApp::with(Options { workers: 0, verify, api, ..Options::default() }).await;
    let request = by_body.client.post(by_body.path("/events?type=ticket.updated"));
    let answer = send(request.body(format!("{{\"a\":{}}}", text_in_text(10)))).await;
    assert_eq!((answer.status, answer.str("/code")), (400, "malformed_json"), "{}", answer.text);
    by_body.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_almost_json_is_refused_by_every_door() {
    let app = intake_only().await;
    for door in DOORS {
        let good = door.body(&data_with("\"x\":1"));
        let with_member = |member: &str| door.body(&data_with(member)).into_bytes();
        let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hostile = [
            [b"\xef\xbb\xbf", good.as_bytes()].concat(),
            [b"\xff\xfe", utf16.as_slice()].concat(),
            utf16,
            format!("{good}{good}").into(),
            format!("{good} x").into(),
            format!("{good}\0").into(),
            format!("// 注释\n{good}").into(),
            good.replacen('{', "{/* 注释 */", 1).into(),
            good.replace('"', "'").into(),
            with_member("\"x\":NaN"),
            with_member("\"x\":-Infinity"),
            with_member("\"x\":1e400"),
            with_member("\"x\":-1e400"),
            with_member("\"x\":01"),
            with_member("\"x\":+1"),
            with_member("\"x\":0x10"),
            with_member("\"x\":.5"),
            with_member("\"x\":1,"),
            with_member("x:1"),
            with_member("\"x\":\"a\nb\""),
            with_member("\"x\":\"\u{1}\""),
            with_member("\"x\":\"\\x41\""),
            with_member("\"x\":\"\\ud800\""),
            with_member("\"x\":\"\\udc00\\ud800\""),
            with_member("\"\\udfff\":1"),
            with_member("\"x\":\"\u{feff}\"")
                .iter()
                .map(|byte| if *byte == 0xef { 0xff } else { *byte })
                .collect(),
        ];
        for body in hostile {
            let shown = String::from_utf8_lossy(&body).into_owned();
            let answer = door.send(&app, body).await;
            assert_eq!((answer.status, answer.str("/code")), (400, "malformed_json"), "{door:?} {shown}");
            assert!(!answer.str("/detail").is_empty(), "{door:?} {shown}");
        }
    }
    app.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_is_told_by_its_name() {
    let app = intake_only().await;
    let answer = Door::Plain.send(&app, format!("\u{feff}{}", created(1, "x"))).await;
    app.assert_refused(&answer, 400, "malformed_json").await;
    assert!(answer.str("/detail").contains("byte order mark"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_would_lose_digits_is_refused_by_every_door_with_its_place() {
    let app = intake_only().await;
    for door in DOORS {
        for number in ["18446744073709551616", "-9223372036854775809", "0.1234567890123456789", "1e-400"] {
            let answer = door
                .send(&app, door.body(&data_with(&format!("\"custom_fields\":{{\"a\":{number}}}"))))
                .await;
            app.assert_refused(&answer, 422, "schema_violation").await;
            let expected = format!("{}/custom_fields/a format", door.pointer());
            assert_eq!(answer.violations(), [expected], "{door:?} {number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_accepted_arrives_with_all_its_digits() {
    let app = TestApp::with(generic()).await;
    for (id, (number, arrives)) in [
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9007199254740993", "9007199254740993"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("0.1", "0.1"),
        ("12.50", "12.5"),
    ]
    .into_iter()
    .enumerate()
    {
        let data = format!(
            r#"{{"external_id":"{id}","subject":"数字","status":"new","custom_fields":{{"field_1":{number}}}}}"#
        );
        let body = format!(r#"{{"id":"{id}","type":"ticket.created","data":{data}}}"#);
        let record = send(app.signed(body.as_bytes()).header("prefer", "wait=20")).await;
        assert_eq!(record.str("/status"), "delivered", "{number}: {}", record.text);
        let ticket = app.ticket(record.str("/target/id")).await;
        assert_eq!(ticket["custom_fields"], json!([{ "key": "field_1", "value": arrives }]), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_whose_id_is_no_64_bit_integer_is_refused() {
    let app = intake_only().await;
    for id in
        ["1.5", "1e2", "1.0", "-0", "1e30", "true", "[]", "\"\"", "\"a\\u0000\"", "\"\\u202e1\"", "\"a\\n\""]
    {
        let data = data_with("\"x\":1").replacen("\"id\":1", &format!("\"id\":{id}"), 1);
        let answer = Door::Plain.send(&app, Door::Plain.body(&data)).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert!(
            answer.violations().iter().any(|found| found.starts_with("/data/id ")),
            "{id}: {}",
            answer.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_characters_that_nobody_sees_is_refused() {
    let app = intake_only().await;
    for id in
        ["a\0", "a\u{7f}", "a\u{85}", "a\u{202e}b", "\u{2066}a", "a\u{200f}", "a\u{61c}", "a b", "a\u{3000}"]
    {
        let mut event = created(1, "x");
        event["id"] = json!(id);
        let answer = app.post(&event).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), ["/id pattern"], "{id:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_the_greatest_size_is_taken_or_refused_whatever_it_is_made_of() {
    const SIZE: usize = 1_000_000;
    let app = intake_only().await;
    let members = |pattern: &dyn Fn(usize) -> String, count: usize| {
        (0..count).map(pattern).collect::<Vec<_>>().join(",")
    };
    let taken = [
        format!("\"x\":{}1", " \n\t\r".repeat(SIZE / 4)),
        format!("\"x\":\"{}\"", "字".repeat(SIZE / 3)),
        format!("\"x\":\"{}\"", "\\u0000".repeat(SIZE / 6)),
        format!("\"x\":[{}]", members(&|_| "0".into(), SIZE / 2)),
        format!("\"x\":[{}]", members(&|_| "{}".into(), SIZE / 3)),
        format!("\"x\":{{{}}}", members(&|n| format!("\"{n:05}\":0"), SIZE / 10)),
        members(&|n| format!("\"{n:05}\":0"), SIZE / 10),
        format!("\"x\":0.{}", "0".repeat(SIZE)),
    ];
    for (n, member) in taken.into_iter().enumerate() {
        let body = Door::Plain.body(&data_with(&member)).replacen("\"1\"", &format!("\"{n}\""), 1);
        let answer = Door::Plain.send(&app, body).await;
        assert_eq!(answer.status, 202, "{n}: {}", answer.text);
    }
    let refused = [
        (format!("\"{}\":1", "长".repeat(SIZE / 3)), " maxLength"),
        (format!("\"x\":1{}", "0".repeat(SIZE)), ""),
        (format!("\"x\":0.{}1", "3".repeat(SIZE)), "/x format"),
    ];
    for (member, violation) in refused {
        let answer = Door::Plain.send(&app, Door::Plain.body(&data_with(&member))).await;
        let expected = if violation.is_empty() { vec![] } else { vec![format!("/data{violation}")] };
        assert_eq!(answer.violations(), expected, "{}", answer.text);
        assert!(matches!(answer.status, 400 | 422) && answer.text.len() < 1000, "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_no_larger_than_what_was_refused() {
    let app = intake_only().await;
    let name = "n".repeat(1000);
    let wrong = format!(
        "\"custom_fields\":{{{}}}",
        (0..900).map(|n| format!("\"{n}{name}\":{{}}")).collect::<Vec<_>>().join(",")
    );
    let body = Door::Plain.body(&data_with(&wrong));
    let sent = body.len();
    let answer = Door::Plain.send(&app, body).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert!(answer.text.len() < sent, "{} of {sent} bytes", answer.text.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_members_that_no_mapping_knows_are_delivered() {
    let app = TestApp::start().await;
    let members: Vec<String> = (0..10_000).map(|n| format!("\"未知_{n}\":\"{n}\"")).collect();
    let data = data_with(&members.join(","));
    let body = format!(r#"{{"id":"many","type":"ticket.created","data":{data}}}"#);
    let record = send(app.signed(body.as_bytes()).header("prefer", "wait=20")).await;
    assert_eq!((record.status, record.str("/status")), (200, "delivered"), "{}", record.text.len());
}

/// Ids that mean something to addresses, files, shells and SQL, and that are ids all the same.
const ODD_IDS: [&str; 14] = [
    "../../etc/passwd",
    "..%2f..",
    "%00",
    "%2e%2e",
    "a/b",
    "a?b#c",
    "';DROP/**/TABLE/**/events;--",
    "\\u0000",
    "<script>",
    "${x}",
    "=1+1",
    "事件",
    "👩‍👩‍👧",
    "\u{fdd0}\u{10ffff}",
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_texts_are_kept_and_delivered_as_they_are_by_the_embedded_engine() {
    odd_texts_arrive(&TestApp::with(generic()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_texts_are_kept_and_delivered_as_they_are_by_postgresql() {
    let place = Place::new().await;
    let app = TestApp::with(Options { store: Some(place.url()), ..generic() }).await;
    odd_texts_arrive(&app).await;
}

async fn odd_texts_arrive(app: &TestApp) {
    for (n, id) in ODD_IDS.into_iter().enumerate() {
        let text = format!("空\0字符 \u{1}\u{7f}\u{202e}\u{feff}\u{fffe} {id}");
        let data = json!({ "external_id": id, "subject": text, "status": "new", "custom_fields": { "field_1": text } });
        let record = app.deliver(&event(id, "ticket.created", data)).await;
        assert_eq!((record.str("/id"), record.str("/status")), (id, "delivered"), "{}", record.text);
        assert_eq!(record.str("/lane"), format!("ticket:{id}"));
        let written = app.last_written("POST").await;
        assert_eq!(written["subject"], json!(text), "{n}");
        let escaped = percent(id);
        assert_eq!(app.record(&escaped).await.str("/id"), id);
        assert_eq!(app.get(&format!("/links/ticket/{escaped}")).await.str("/source_id"), id);
        let listed = app.get(&format!("/events?lane=ticket:{escaped}")).await;
        assert_eq!(listed.str("/events/0/id"), id, "{}", listed.text);
        let explained = app.get(&format!("/events/{escaped}/explain")).await;
        assert_eq!(explained.status, 200, "{}", explained.text);
    }
    nul_is_asked_for(app).await;
}

/// PostgreSQL has no text with NUL, so that even asking for one is an error to it.
async fn nul_is_asked_for(app: &TestApp) {
    for path in ["/events/a%00", "/links/ticket/%00", "/events/%00/explain", "/events/%00/replay"] {
        app.get(path).await.assert_problem(404, "not_found");
    }
    for path in
        ["/events?lane=ticket:%00", "/events?code=%00", "/lanes?lane=ticket:a%00", "/events?cursor=%00"]
    {
        app.get(path).await.assert_problem(400, "invalid_query");
    }
    let filter = json!({ "filter": { "lane": "ticket:\0" } });
    app.order("/dead-letters/discard", &filter).await.assert_problem(422, "invalid_options");
    let filter = json!({ "filter": { "code": "\0" }, "dry_run": true });
    app.order("/dead-letters/replay", &filter).await.assert_problem(422, "invalid_options");
}

fn percent(id: &str) -> String {
    id.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_doors_read_of_the_same_bytes_is_the_same() {
    let app = TestApp::with(generic()).await;
    let data = json!({ "external_id": "1", "subject": "\u{0}\u{1f600}\\\"", "status": "new" });
    let shown = send(app.client.post(app.path("/preview")).bearer_auth(OPS_KEY).json(&event(
        "p",
        "ticket.created",
        data.clone(),
    )))
    .await;
    app.delivered(&event("p", "ticket.created", data)).await;
    let previewed: Vec<&Value> = shown.json["calls"].as_array().expect("calls").iter().collect();
    assert_eq!(
        previewed[0]["body"]["ticket"]["subject"],
        app.last_written("POST").await["subject"],
        "{}",
        shown.text
    );
}
