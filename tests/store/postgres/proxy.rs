//! A way to the server that a test can break.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
};

/// What the way does to what goes over it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// Everything passes.
    Whole,
    /// What is sent arrives, its answers don't.
    Mute,
    /// Nothing passes, and every connection is closed.
    Broken,
}

pub(crate) struct Proxy {
    port: u16,
    way: Arc<watch::Sender<Way>>,
    /// How many connections there are.
    open: Arc<watch::Sender<usize>>,
}

impl Proxy {
    /// To the server's port, given as `host:port`.
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let way = Arc::new(watch::Sender::new(Way::Whole));
        let open = Arc::new(watch::Sender::new(0));
        tokio::spawn(listen(listener, server, way.clone(), open.clone()));
        Self { port, way, open }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A broken way is one over which no connection goes any more when this returns.
    pub(crate) async fn turn(&self, way: Way) {
        self.way.send_replace(way);
        if way == Way::Broken {
            self.open.subscribe().wait_for(|open| *open == 0).await.expect("the proxy is there");
        }
    }
}

async fn listen(
    listener: TcpListener,
    server: String,
    way: Arc<watch::Sender<Way>>,
    open: Arc<watch::Sender<usize>>,
) {
    while let Ok((inside, _)) = listener.accept().await {
        let (server, way, open) = (server.clone(), way.subscribe(), open.clone());
        open.send_modify(|open| *open += 1);
        tokio::spawn(async move {
            carry(inside, server, way).await;
            open.send_modify(|open| *open -= 1);
        });
    }
}

async fn carry(inside: TcpStream, server: String, mut way: watch::Receiver<Way>) {
    let outside = TcpStream::connect(server).await.expect("the server is there");
    let ((from_client, to_client), (from_server, to_server)) = (inside.into_split(), outside.into_split());
    let answers = way.clone();
    tokio::select! {
        () = pass(from_client, to_server, None) => {}
        () = pass(from_server, to_client, Some(answers)) => {}
        _ = way.wait_for(|way| *way == Way::Broken) => {}
    }
}

async fn pass(mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf, way: Option<watch::Receiver<Way>>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let is_mute = way.as_ref().is_some_and(|way| *way.borrow() == Way::Mute);
        if !is_mute && to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
