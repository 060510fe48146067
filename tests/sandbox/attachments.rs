//! Uploading and reading attachments.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, id_of, parsed, ticket};

async fn upload(desk: &Desk, path: &str, content: &'static [u8]) -> Answer {
    let request = desk.agent(Method::POST, &format!("/api/v1{path}"));
    parsed(request.header("content-type", "application/binary").body(content)).await
}

/// The id of a reply that is added to a new ticket.
async fn reply(desk: &Desk) -> u64 {
    let id = id_of(&desk.create(ticket()).await.1).to_string();
    desk.update(&id, json!({"ticketReply": {"replyMsg": "已更换网卡。"}})).await;
    desk.requests("?method=PUT").await[0]["effect"]["ticketReplyId"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_answers_201_and_the_file_can_be_fetched() {
    let desk = Desk::start().await;
    let reply = reply(&desk).await;
    let path = format!("/api/v1/uploads.json?filename=截图 1.png&ticketReplyId={reply}");
    let request = desk.agent(Method::POST, &path).header("content-type", "application/binary");
    let response = request.body("PNG 内容").send().await.unwrap();
    assert_eq!(response.status(), 201);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let uploaded: Value = response.json().await.unwrap();
    let attachment = &uploaded["attachment"];
    assert!(location.ends_with(&format!("/api/v1/attachments/{}.json", attachment["attachId"])));
    assert_eq!(
        (&attachment["fileName"], &attachment["ticketReplyId"]),
        (&json!("截图 1.png"), &json!(reply))
    );

    let read = desk.get(&format!("/attachments/{}.json", attachment["attachId"])).await["attachment"].clone();
    assert!(read.get("ticketReplyId").is_none());
    assert_eq!((&read["token"], &read["filePath"]), (&attachment["token"], &attachment["filePath"]));
    let file = reqwest::get(read["filePath"].as_str().unwrap()).await.unwrap();
    assert_eq!(file.text().await.unwrap(), "PNG 内容");
    let record = desk.requests("?path=/api/v1/uploads").await[0].clone();
    assert_eq!((&record["effect"]["kind"], &record["body"]), (&json!("attachment_uploaded"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_upload_paths_follow_the_switch() {
    let desk = Desk::start().await;
    for (value, uploads, attachments) in
        [("both", 201, 201), ("uploads", 201, 404), ("attachments", 404, 201)]
    {
        desk.switch("upload_path", json!(value)).await;
        assert_eq!(upload(&desk, "/uploads.json?filename=a.txt", b"a").await.0, uploads, "{value}");
        assert_eq!(upload(&desk, "/attachments.json?fileName=a.txt", b"a").await.0, attachments, "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_a_name_a_reply_or_content_is_refused() {
    let desk = Desk::start().await;
    for (path, content, message) in [
        ("/uploads.json", b"a".as_slice(), "filename cannot be empty"),
        ("/uploads.json?filename=a.txt", b"", "file cannot be empty"),
        ("/uploads.json?filename=a.txt&ticketReplyId=5", b"a", "ticketReplyId does not exist"),
    ] {
        let refused = json!({"state": "403", "message": message});
        assert_eq!(upload(&desk, path, content).await.1, refused, "{path}");
    }
    assert_eq!(parsed(desk.agent(Method::GET, "/api/v1/attachments/7.json")).await.0, 404);
    assert_eq!(
        reqwest::get(format!("{}/files/x/y", desk.sandbox.bangwo8_url())).await.unwrap().status(),
        401
    );
}
