//! Attachments of replies: what is known about one, and the upload of one (§6.7). Its content lies on an object
//! store outside the API and is not fetched here.

use std::fmt;

use bytes::Bytes;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    answer::Answer,
    client::Client,
    created,
    error::Error,
    query::Query,
    request::{Endpoint, Request, RequestId},
    scalar::{self, Fields},
};

/// The media type of an upload, whatever the file is (§2).
const MEDIA_TYPE: &str = "application/binary";

/// The id of an attachment (`attachId`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttachmentId(String);

impl AttachmentId {
    /// Takes the text as it is; it is encoded wherever it becomes part of a path.
    pub fn new(text: impl Into<String>) -> AttachmentId {
        AttachmentId(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttachmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An attachment as the vendor returned it; `Debug` shows neither its name nor the way to it.
#[derive(Clone, Serialize)]
pub struct Attachment {
    /// `attachId`.
    pub id: AttachmentId,
    /// `ticketReplyId`: the reply that it belongs to.
    pub ticket_reply_id: Option<String>,
    /// `fileName`.
    pub file_name: Option<String>,
    /// `filePath`: where it can be downloaded, by everybody who knows the address.
    pub file_path: Option<String>,
    /// `token`: ties it to a reply; how a reply quotes it is not documented.
    #[serde(skip)]
    pub token: Option<SecretString>,
}

impl Attachment {
    fn read(value: &Value, time_zone: &TimeZone) -> Option<Attachment> {
        let fields = Fields::of(value, time_zone)?;
        Some(Attachment {
            id: AttachmentId(fields.id("attachId")?),
            ticket_reply_id: fields.id("ticketReplyId"),
            file_name: fields.text("fileName"),
            file_path: fields.text("filePath"),
            token: fields.text("token").map(SecretString::from),
        })
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Attachment")
            .field("id", &self.id)
            .field("ticket_reply_id", &self.ticket_reply_id)
            .finish_non_exhaustive()
    }
}

/// A file to upload; `Debug` shows only how long it is.
#[derive(Clone)]
pub struct AttachmentUpload {
    /// Its name.
    pub file_name: String,
    /// The one reply that it is to belong to.
    pub ticket_reply_id: Option<String>,
    /// Its bytes, at most [`MAX_BYTES`](AttachmentUpload::MAX_BYTES).
    pub content: Bytes,
    /// Where it is sent.
    pub path: UploadPath,
}

/// The document contradicts itself on where an upload goes (§13, 19).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UploadPath {
    /// `POST /uploads.json?filename=`, as in the sample that can be run.
    #[default]
    Uploads,
    /// `POST /attachments.json?fileName=`, as in the heading and the table.
    Attachments,
}

impl AttachmentUpload {
    /// The longest file that is sent. The vendor's own limit is not documented; this one keeps a call within its
    /// time and a file within memory.
    pub const MAX_BYTES: usize = 20 * 1024 * 1024;
}

impl fmt::Debug for AttachmentUpload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AttachmentUpload")
            .field("bytes", &self.content.len())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl UploadPath {
    fn endpoint(self) -> Endpoint {
        match self {
            UploadPath::Uploads => Endpoint::post(&["uploads"]),
            UploadPath::Attachments => Endpoint::post(&["attachments"]),
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            UploadPath::Uploads => "filename",
            UploadPath::Attachments => "fileName",
        }
    }
}

impl Client {
    /// What is known about an attachment: `GET /attachments/{id}.json` (§6.7). Any support agent may.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without an attachment; any other [`Error`] of a read.
    pub async fn attachment(&self, id: &AttachmentId) -> Result<Attachment, Error> {
        let request = Request::read(&["attachments", id.as_str()], Query::new());
        self.send(&request, |answer| {
            answer.one("attachment", |attachment| Attachment::read(attachment, self.time_zone()))
        })
        .await
    }

    /// Uploads a file (§6.7) and returns what the vendor made of it: at least the id. Any support agent may. A
    /// [`NotFound`](Error::NotFound) may mean that this tenant's vendor takes the other [`UploadPath`].
    ///
    /// # Errors
    /// [`Configuration`](Error::Configuration) for a file that is too long, before anything is sent;
    /// [`CreatedIdUnknown`](Error::CreatedIdUnknown) if it was stored under an id that the answer doesn't tell;
    /// any other [`Error`].
    pub async fn upload_attachment(
        &self,
        upload: &AttachmentUpload,
        request_id: &RequestId,
    ) -> Result<Attachment, Error> {
        if upload.content.len() > AttachmentUpload::MAX_BYTES {
            return Err(Error::Configuration { why: "an attachment is longer than 20 MiB", source: None });
        }
        let query = Query::new()
            .with(upload.path.file_name(), Some(&upload.file_name))
            .with("ticketReplyId", upload.ticket_reply_id.as_ref());
        let (endpoint, content) = (upload.path.endpoint(), upload.content.clone());
        let request = Request::write_raw(endpoint, query, MEDIA_TYPE, content, request_id);
        self.send(&request, |answer| self.read_uploaded(answer)).await
    }

    /// The attachment, or as much of it as a bare `Location` tells.
    fn read_uploaded(&self, answer: &Answer) -> Result<Attachment, Error> {
        let attachment = scalar::one_or_many(answer.body.get("attachment")).first();
        if let Some(attachment) = attachment.and_then(|value| Attachment::read(value, self.time_zone())) {
            return Ok(attachment);
        }
        let id = AttachmentId(created::id(answer, &["attachment"], &["attachId"])?);
        Ok(Attachment { id, ticket_reply_id: None, file_name: None, file_path: None, token: None })
    }
}
