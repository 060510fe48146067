//! Attachments: what is told about one, and the upload with its two contradictory ways.

use actix_web::HttpResponse;
use deskbridge::bangwo8::{AttachmentId, AttachmentUpload, UploadPath};
use secrecy::ExposeSecret;

use crate::{
    documents::document,
    vendor::{Vendor, json as answer, paths, queries, request_id},
};

/// The first bytes of a PNG, which are no text.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\xff";

fn upload(path: UploadPath) -> AttachmentUpload {
    AttachmentUpload {
        file_name: "现场 照片.png".into(),
        ticket_reply_id: Some("778899".into()),
        content: PNG.into(),
        path,
    }
}

#[tokio::test]
async fn the_documented_attachment_is_read() {
    let vendor = Vendor::start(|_, _| answer(document("attachments_one")));
    let attachment = vendor.client().attachment(&AttachmentId::new("123")).await.unwrap();
    assert_eq!(attachment.id, AttachmentId::new("123"));
    assert_eq!((attachment.file_name.as_deref(), &attachment.ticket_reply_id), (Some("file.png"), &None));
    assert_eq!(attachment.file_path.as_deref(), Some("https://osp2016.example.com/386279/file.png"));
    assert_eq!(attachment.token.as_ref().unwrap().expose_secret(), "0123456789abcdef");
    assert_eq!(paths(&vendor), ["GET /api/v1/attachments/123.json"]);
    let shown = format!("{attachment:?}");
    assert!(!shown.contains("file.png") && !shown.contains("0123456789abcdef"), "{shown}");
}

#[tokio::test]
async fn a_file_is_uploaded_as_it_is_by_either_way() {
    let vendor = Vendor::start(|_, _| {
        HttpResponse::Created()
            .insert_header(("Location", "https://www.bangwo8.com/api/v1/attachments/124.json"))
            .body(document("attachments_upload"))
    });
    let client = vendor.client();
    for path in [UploadPath::default(), UploadPath::Attachments] {
        let attachment = client.upload_attachment(&upload(path), &request_id()).await.unwrap();
        assert_eq!((attachment.id.as_str(), attachment.ticket_reply_id.as_deref()), ("124", Some("778899")));
    }
    assert_eq!(paths(&vendor), ["POST /api/v1/uploads.json", "POST /api/v1/attachments.json"]);
    let name = "%E7%8E%B0%E5%9C%BA+%E7%85%A7%E7%89%87.png&ticketReplyId=778899";
    assert_eq!(queries(&vendor), [format!("filename={name}"), format!("fileName={name}")]);
    for seen in vendor.seen() {
        assert_eq!(
            (seen.header("content-type"), seen.header("requestid")),
            (Some("application/binary"), Some("evt-1"))
        );
        assert_eq!(seen.bytes, PNG);
    }
}

#[tokio::test]
async fn an_upload_that_names_its_id_only_in_the_location_is_known_by_it() {
    let vendor = Vendor::start(|_, before| {
        let mut created = HttpResponse::Created();
        if before == 0 {
            created.insert_header(("Location", "https://www.bangwo8.com/api/v1/attachments/124.json"));
        }
        created.body("{}")
    });
    let client = vendor.client();
    let attachment = client.upload_attachment(&upload(UploadPath::Uploads), &request_id()).await.unwrap();
    assert_eq!((attachment.id.as_str(), attachment.file_name), ("124", None));
    let error = client.upload_attachment(&upload(UploadPath::Uploads), &request_id()).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("created_id_unknown", false));
}

#[tokio::test]
async fn a_file_that_is_too_long_is_not_sent() {
    let vendor = Vendor::start(|_, _| answer("{}"));
    let content = vec![0; AttachmentUpload::MAX_BYTES + 1].into();
    let upload = AttachmentUpload { content, ..upload(UploadPath::Uploads) };
    let error = vendor.client().upload_attachment(&upload, &request_id()).await.unwrap_err();
    assert_eq!(error.code(), "configuration");
    assert!(vendor.seen().is_empty());
    assert!(!format!("{upload:?}").contains("照片"));
}
