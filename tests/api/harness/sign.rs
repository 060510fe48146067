//! A sender's side of Standard Webhooks, by the specification's own library, and sample events.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

pub(crate) const SIGNING_KEY: &[u8] = b"the signing key of the acme tenant";
pub(crate) const SIGNING_KEY_BEFORE: &[u8] = b"the signing key before it was rotated";

/// A secret as the specification writes it.
pub(crate) fn whsec(key: &[u8]) -> String {
    format!("whsec_{}", BASE64_STANDARD.encode(key))
}

/// Unix seconds.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The request with the three headers and the body.
pub(crate) fn signed(request: RequestBuilder, key: &[u8], second: i64, body: &[u8]) -> RequestBuilder {
    let webhook = Webhook::new(&whsec(key)).expect("a secret");
    let id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
    let signature = webhook.sign(id, second, body).expect("a signature");
    request
        .header("webhook-id", id)
        .header("webhook-timestamp", second)
        .header("webhook-signature", signature)
        .body(body.to_vec())
}

/// A plain envelope.
pub(crate) fn event(id: &str, kind: &str, data: Value) -> Value {
    json!({ "id": id, "type": kind, "time": "2026-05-01T10:00:00+08:00", "data": data })
}

/// A ticket as Udesk's v1 API returns it.
pub(crate) fn udesk_ticket(id: u64, subject: &str) -> Value {
    json!({
        "id": id, "subject": subject, "content": "这是您的第一个工单", "content_type": "text", "platform": "邮件",
        "priority": "紧急", "status": "open", "user": "测试客户", "user_email": "test@sample.com",
        "user_cellphone": null, "assignee": "测试客服", "assignee_id": 1, "user_group_id": 1,
        "user_group_name": "售后1组", "solving_at": "", "replied_by": "agent_1", "custom_fields": {},
        "created_at": "2016-07-28 20:44:08 +0800", "updated_at": "2017-05-04 14:26:18 +0800"
    })
}

/// `ticket.created` of such a ticket; the event's id is `created-{id}`.
pub(crate) fn created(id: u64, subject: &str) -> Value {
    event(&format!("created-{id}"), "ticket.created", udesk_ticket(id, subject))
}
