//! The shortest way through all rooms.

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_udesk_event_becomes_a_bangwo8_ticket() {
    let app = TestApp::start().await;
    let record = app.deliver(&created(1, "打印机离线")).await;
    assert_eq!(record.str("/status"), "delivered", "{}", record.text);
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!(ticket["subject"], "打印机离线");
}
