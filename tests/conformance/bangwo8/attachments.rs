//! Uploading attachments by either path and reading what is known of them (§6.7).

use bytes::Bytes;
use deskbridge::{
    bangwo8::{Attachment, AttachmentId, AttachmentUpload, Error, TicketId, UploadPath},
    sandbox,
};
use secrecy::ExposeSecret;

use super::desk::{Desk, code, declined, rejection};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    attachment_is_read,
    attachment_unknown_is_not_found,
    upload_attachment_reads_back_as_sent,
    upload_attachment_at_a_path_that_the_tenant_has_not,
    upload_attachment_belongs_to_its_reply,
    upload_attachment_for_an_unknown_reply_is_rejected,
    upload_attachment_that_is_empty_is_rejected,
    upload_attachment_that_is_too_long_is_not_sent,
];

/// Every byte there is, so that none is taken for text.
fn content() -> Bytes {
    (0..=255_u8).chain(*b"\r\n--boundary--\r\n").collect()
}

fn file(path: UploadPath) -> AttachmentUpload {
    let file_name = "现场 照片&1.png".to_owned();
    AttachmentUpload { file_name, ticket_reply_id: None, content: content(), path }
}

/// The paths that the tenant has, and those that it has not.
fn paths(desk: &Desk) -> (Vec<UploadPath>, Vec<UploadPath>) {
    let all = [UploadPath::Uploads, UploadPath::Attachments];
    all.into_iter().partition(|path| match desk.switches.upload_path {
        sandbox::UploadPath::Both => true,
        sandbox::UploadPath::Uploads => *path == UploadPath::Uploads,
        sandbox::UploadPath::Attachments => *path == UploadPath::Attachments,
    })
}

fn open_path(desk: &Desk) -> UploadPath {
    paths(desk).0[0]
}

async fn upload(desk: &Desk, file: &AttachmentUpload) -> Result<Attachment, Error> {
    desk.agent().upload_attachment(file, &desk.request_id()).await
}

async fn attachment_is_read(desk: &Desk) {
    let attachment = desk.agent().attachment(&AttachmentId::new("70000")).await.unwrap();
    assert_eq!((attachment.id.as_str(), attachment.file_name.as_deref()), ("70000", Some("现场照片.png")));
    assert_eq!(attachment.token.unwrap().expose_secret(), "00112233445566778899aabbccddeeff");
    assert_eq!(attachment.ticket_reply_id, None);
    assert!(attachment.file_path.unwrap().starts_with("http"));
}

async fn attachment_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().attachment(&AttachmentId::new("404")).await), "not_found");
}

async fn upload_attachment_reads_back_as_sent(desk: &Desk) {
    for path in paths(desk).0 {
        let uploaded = upload(desk, &file(path)).await.unwrap();
        let read = desk.agent().attachment(&uploaded.id).await.unwrap();
        assert_eq!(read.file_name.as_deref(), Some("现场 照片&1.png"), "{path:?}");
        assert_eq!((&read.id, &read.file_path), (&uploaded.id, &uploaded.file_path));
        assert_eq!(read.token.unwrap().expose_secret(), uploaded.token.unwrap().expose_secret());
        assert_eq!(desk.download(&read.file_path.unwrap()).await, content());
    }
}

/// §13, 19: the document names two, so a tenant may have either.
async fn upload_attachment_at_a_path_that_the_tenant_has_not(desk: &Desk) {
    for path in paths(desk).1 {
        assert_eq!(code(upload(desk, &file(path)).await), "not_found", "{path:?}");
    }
}

async fn upload_attachment_belongs_to_its_reply(desk: &Desk) {
    desk.agent().reply_ticket(&TicketId::new("4988240"), "见附件", &desk.request_id()).await.unwrap();
    let reply = desk.stored_ticket(4_988_240)["replies"][0]["ticketReplyId"].to_string();
    let of_reply = AttachmentUpload { ticket_reply_id: Some(reply.clone()), ..file(open_path(desk)) };
    assert_eq!(upload(desk, &of_reply).await.unwrap().ticket_reply_id, Some(reply));
}

async fn upload_attachment_for_an_unknown_reply_is_rejected(desk: &Desk) {
    let orphan = AttachmentUpload { ticket_reply_id: Some("404".to_owned()), ..file(open_path(desk)) };
    assert_eq!(rejection(upload(desk, &orphan).await), declined("ticketReplyId does not exist"));
}

async fn upload_attachment_that_is_empty_is_rejected(desk: &Desk) {
    let empty = AttachmentUpload { content: Bytes::new(), ..file(open_path(desk)) };
    assert_eq!(rejection(upload(desk, &empty).await), declined("file cannot be empty"));
}

async fn upload_attachment_that_is_too_long_is_not_sent(desk: &Desk) {
    let long = Bytes::from(vec![0; AttachmentUpload::MAX_BYTES + 1]);
    let file = AttachmentUpload { content: long, ..file(open_path(desk)) };
    assert_eq!(code(upload(desk, &file).await), "configuration");
    assert_eq!(desk.requests().await, Vec::<String>::new());
}
