//! Both vendors' answers from memory, as fast as this machine's HTTP stack gives them.

use std::{io, net::SocketAddr};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

/// Tickets of a page.
pub(crate) const PER_PAGE: u32 = 100;

const TICKET: &str = include_str!("../../tests/clients/documents/udesk-ticket.json");
const BANGWO8_TICKET: &str = include_str!("../../tests/clients/documents/tickets_one.json");

/// Starts the server, whose one worker has a thread of its own; it ends with the process.
pub(crate) fn start() -> io::Result<SocketAddr> {
    let page = page();
    let server = HttpServer::new(move || {
        let page = web::Bytes::from(page.clone());
        App::new()
            .route("/api/v1/tickets.json", web::get().to(move || answer(page.clone())))
            .route(
                "/api/v1/tickets/{id}",
                web::get().to(|| answer(web::Bytes::from_static(BANGWO8_TICKET.as_bytes()))),
            )
            .route(
                "/api/v1/tickets/{id}",
                web::put().to(|_body: web::Bytes| answer(web::Bytes::from_static(WRITTEN))),
            )
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied().ok_or_else(|| io::Error::other("not bound"))?;
    tokio::spawn(server.run());
    Ok(address)
}

const WRITTEN: &[u8] = r#"{"status":"0","message":"Update ok","data":false}"#.as_bytes();

async fn answer(body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(body)
}

/// The document's ticket a hundred times, each with an id of its own, in the list's envelope.
fn page() -> String {
    let detail: Value = serde_json::from_str(TICKET).unwrap_or_default();
    let ticket = |id: u32| {
        let mut ticket = detail["contents"].clone();
        ticket["id"] = json!(id);
        ticket
    };
    let contents: Vec<Value> = (1..=PER_PAGE).map(ticket).collect();
    json!({"status": 0, "message": "成功", "size": PER_PAGE, "total": PER_PAGE, "total_pages": 1, "contents": contents})
        .to_string()
}
