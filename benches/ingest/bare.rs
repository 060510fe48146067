//! The peer: an actix-web server that reads the body and answers 202 with an answer of the service's size.

use std::io::Write;

use actix_web::web::{self, Bytes, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer, rt};

use crate::Result;

/// As long as the service's answer to one event.
const ANSWER: &str = r#"{"id":"bench-1000000","sequence":1000000,"status":"accepted","lane":"bench/ticket/1000000","href":"/v1/connections/bench/events/bench-1000000"}"#;

const MAX_BODY_BYTES: usize = 1 << 20;

/// Serves until the process is ended. Its address is the first line on standard output.
pub(crate) fn serve() -> Result<()> {
    rt::System::new().block_on(async {
        let app = || {
            App::new()
                .app_data(PayloadConfig::new(MAX_BODY_BYTES))
                .route("/v1/connections/{connection}/events", web::post().to(accept))
        };
        let server = HttpServer::new(app).disable_signals().bind("127.0.0.1:0")?;
        println!("{}", server.addrs()[0]);
        std::io::stdout().flush()?;
        Ok(server.run().await?)
    })
}

async fn accept(body: Bytes) -> HttpResponse {
    std::hint::black_box(&body);
    HttpResponse::Accepted().content_type("application/json").body(ANSWER)
}
