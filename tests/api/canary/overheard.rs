//! What passes between the service and its vendors: secrets that no file holds, because a vendor gives them or the service
//! makes them of others.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::planted::Planted;

/// What stands before such a secret on the wire, up to its end.
const SIGNS: [(&str, &str, &[char]); 4] = [
    ("a token that the vendor gave", "\"access_token\":\"", &['"']),
    ("a token that was sent", "authorization: Bearer ", &['\r']),
    ("an account with its password", "authorization: Basic ", &['\r']),
    ("a signature of a request", "sign=", &['&', ' ']),
];

/// Stands between the service and a vendor.
pub(super) struct Overheard {
    pub(super) url: String,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Overheard {
    pub(super) async fn before(vendor: &str) -> Self {
        let door = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", door.local_addr().expect("an address"));
        let behind = vendor.trim_start_matches("http://").to_owned();
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = bytes.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = door.accept().await {
                let vendor = TcpStream::connect(&behind).await.expect("it listens");
                let ((from, to), (back, there)) = (caller.into_split(), vendor.into_split());
                tokio::spawn(pass(from, there, kept.clone()));
                tokio::spawn(pass(back, to, kept.clone()));
            }
        });
        Self { url, bytes }
    }

    /// Every secret that passed, once each.
    pub(super) fn secrets(&self) -> Vec<Planted> {
        let bytes = self.bytes.lock().expect("no panic");
        let text = String::from_utf8_lossy(&bytes);
        let mut found: Vec<(&str, &str)> = Vec::new();
        for (name, sign, ends) in SIGNS {
            let values = text.split(sign).skip(1).filter_map(|rest| rest.split(ends).next());
            found.extend(values.map(|value| (name, value)));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(name, value)| Planted::new(name, value)).collect()
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, kept: Arc<Mutex<Vec<u8>>>) {
    let mut part = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut part).await {
        kept.lock().expect("no panic").extend_from_slice(&part[..read]);
        if to.write_all(&part[..read]).await.is_err() {
            return;
        }
    }
    // An error says that the other side has gone already.
    to.shutdown().await.ok();
}
