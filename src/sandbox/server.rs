//! One listening port: the only place that knows the HTTP server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::call::Call;
use super::door::Door;

/// Largest request body, far above anything the vendors document.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    door: Arc<Door>,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    pub(crate) fn start(listen: SocketAddr, door: Arc<Door>) -> io::Result<Self> {
        let shared = web::Data::from(Arc::clone(&door));
        let app = move || {
            App::new()
                .app_data(shared.clone())
                .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
                .default_service(web::to(answer))
        };
        let bound = HttpServer::new(app).workers(1).disable_signals().bind(listen)?;
        let address = bound.addrs().first().copied().unwrap_or(listen);
        let server = bound.run();
        Ok(Self { address, door, handle: server.handle(), task: tokio::spawn(server) })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> Value {
        self.door.vendor.state()
    }

    pub(crate) async fn stop(&self) {
        self.handle.stop(false).await;
    }

    pub(crate) async fn ended(&mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

/// A sandbox that is dropped frees its ports; the returned future only tells when that is done.
impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// The effect and its record come before the delay: a caller that gives up waiting has still caused them, as
/// with a real server that is slow.
async fn answer(request: HttpRequest, body: web::Bytes, door: web::Data<Door>) -> HttpResponse {
    let outcome = door.receive(&Call::new(&request, body));
    if !outcome.delay.is_zero() {
        tokio::time::sleep(outcome.delay).await;
    }
    outcome.into_response()
}
