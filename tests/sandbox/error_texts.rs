//! Every error text that the documents give, as it stands in the body.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::Desk;

/// A dropdown of tickets.
const OPTIONS: &str = "/api/v1/tickets/ticket_fields/9481737/options.json";
const ALL_OPTIONS: &str = "/api/v1/tickets/ticket_fields/9481737/allOptions.json";

async fn sent(request: RequestBuilder) -> String {
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_text_is_as_documented_to_the_byte() {
    let desk = Desk::start().await;
    let put = |path: &str, body| desk.admin(Method::PUT, path).json(&body);
    let delete = |query: &str| desk.admin(Method::DELETE, &format!("{OPTIONS}{query}"));
    let unnamed = json!([{"extendId": "001"}]);
    let twice = json!([{"optionName": "选项1"}, {"optionName": "选项1"}]);
    let once = json!([{"optionName": "选项1"}]);
    let taken = json!({"company": {"companyName": "金万维"}});
    let of_text = "/api/v1/tickets/ticket_fields/8769479/options.json";
    let of_none = "/api/v1/tickets/ticket_fields/5/allOptions.json";
    for (request, expected) in [
        (put(of_none, once.clone()), r#"{"state":"403","message":"columnId does not exist"}"#),
        (put(OPTIONS, unnamed.clone()), r#"{"state":"403","message":"optionName cannot be empty"}"#),
        (put(ALL_OPTIONS, unnamed), r#"{"state":"403","message":"optionName cannot be empty"}"#),
        (put(OPTIONS, twice.clone()), r#"{"state":"403","message":"optionName cannot repeat"}"#),
        (put(ALL_OPTIONS, twice), r#"{"state":"403","message":"optionName cannot repeat"}"#),
        (put(of_text, once), r#"{"state":"10001","message":"This field is not a drop-down field"}"#),
        (delete("?optionId=5"), r#"{"state":"403","message":"optionId or extendId not exist"}"#),
        (
            delete(""),
            r#"{"state":"403","message":"Fill in at least one of optionId and extendId, but not both"}"#,
        ),
        (
            desk.admin(Method::POST, "/api/v1/companies.json").json(&taken),
            r#"{"status":"110026","errorMsg":"company already exists","data":{"companyId":"111"}}"#,
        ),
        (
            desk.admin(Method::GET, "/api/v1/nothing.json"),
            r#"{"errcode":"100047","errmsg":"Invalid resource URI"}"#,
        ),
    ] {
        assert_eq!(sent(request).await, expected);
    }
}
