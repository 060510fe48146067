//! Attachments of replies (§6.7). The files lie on an object store of their own, which asks for no credentials.

use actix_web::web::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::Desk;
use super::{Admitted, Answer, Call, Rejection, Reply};
use crate::sandbox::switches::UploadPath;

/// What paths of the object store start with.
pub(crate) const STORE: &str = "/files/";

/// All uploaded files together; beyond it nothing more is taken.
const MAX_STORED_BYTES: usize = 64 * 1024 * 1024;
const FIRST_ID: u64 = 70_001;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Attachment {
    attach_id: u64,
    /// 0 while it belongs to none.
    ticket_reply_id: u64,
    file_name: String,
    token: String,
    #[serde(skip)]
    content: Bytes,
}

/// `GET /attachments/{id}.json`: without the reply, as in the page's sample.
pub(crate) fn read(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let id: u64 = admitted.id.parse().map_err(|_| Rejection::NotFound)?;
    let attachment =
        desk.attachments.iter().find(|attachment| attachment.attach_id == id).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"attachment": attachment.wire(admitted.call)})))
}

/// `POST /uploads.json` as in the page's sample, or `POST /attachments.json` as in its heading, with either
/// spelling of `filename`.
pub(crate) fn upload(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    if !is_open(call, admitted.switches.upload_path) {
        return Err(Rejection::NotFound);
    }
    let file_name = call.param("filename").or_else(|| call.param("fileName"));
    let file_name = file_name.ok_or_else(|| Rejection::empty("filename"))?;
    let ticket_reply_id = reply(call, desk)?;
    if call.body.is_empty() {
        return Err(Rejection::empty("file"));
    }
    let stored: usize = desk.attachments.iter().map(|attachment| attachment.content.len()).sum();
    if stored + call.body.len() > MAX_STORED_BYTES {
        return Err(Rejection::BadRequest("The object store is full"));
    }
    let attach_id = desk.attachments.last().map_or(FIRST_ID, |last| last.attach_id + 1);
    let token = hex::encode(rand::random::<[u8; 16]>());
    let attachment = Attachment { attach_id, ticket_reply_id, file_name, token, content: call.body.clone() };
    let reply = created(&attachment, call);
    desk.attachments.push(attachment);
    Ok(reply)
}

/// The file behind a `filePath`.
pub(crate) fn file(desk: &Desk, path: &str) -> Option<Reply> {
    let (token, _) = path.strip_prefix(STORE)?.split_once('/')?;
    let attachment = desk.attachments.iter().find(|attachment| attachment.token == token)?;
    Some(Reply::file(attachment.content.clone()))
}

impl Attachment {
    fn wire(&self, call: &Call) -> Value {
        json!({
            "attachId": self.attach_id,
            "fileName": self.file_name,
            "filePath": format!("{}{STORE}{}/{}", call.base_url, self.token, encoded(&self.file_name)),
            "token": self.token,
        })
    }
}

fn created(attachment: &Attachment, call: &Call) -> Reply {
    let mut wire = attachment.wire(call);
    wire["ticketReplyId"] = json!(attachment.ticket_reply_id);
    let location = format!("{}/api/v1/attachments/{}.json", call.base_url, attachment.attach_id);
    let (id, reply) = (attachment.attach_id, attachment.ticket_reply_id);
    let effect = json!({"kind": "attachment_uploaded", "attachId": id, "ticketReplyId": reply});
    Reply::json(201, json!({"attachment": wire})).with_header("location", location).with_effect(effect)
}

fn is_open(call: &Call, paths: UploadPath) -> bool {
    match paths {
        UploadPath::Both => true,
        UploadPath::Uploads => call.path.ends_with("/uploads.json"),
        UploadPath::Attachments => call.path.ends_with("/attachments.json"),
    }
}

/// The reply that will own the file; it may be left out.
fn reply(call: &Call, desk: &Desk) -> Result<u64, Rejection> {
    match call.param("ticketReplyId") {
        None => Ok(0),
        Some(id) => {
            let id = id.parse().ok().filter(|id| desk.has_reply(*id));
            id.ok_or_else(|| Rejection::unknown("ticketReplyId"))
        }
    }
}

fn encoded(file_name: &str) -> String {
    percent_encoding::utf8_percent_encode(file_name, percent_encoding::NON_ALPHANUMERIC).to_string()
}
