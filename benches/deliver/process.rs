//! A child process that ends with its owner.

use std::{net::TcpListener, process::Child, time::Duration};

use crate::Result;

const STARTS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Ends its process when dropped, also when the benchmark fails.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // An error says that it has ended already.
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

/// An address that nobody listened on a moment ago.
pub(crate) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Returns once a GET of the address is answered with success.
pub(crate) async fn until_it_answers(url: &str) -> Result<()> {
    let client = client()?;
    let looking = async {
        while !client.get(url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let looked = tokio::time::timeout(STARTS_WITHIN, looking).await;
    looked.map_err(|_| format!("{url} did not answer within {STARTS_WITHIN:?}").into())
}

/// A client that talks to loopback only.
pub(crate) fn client() -> Result<reqwest::Client> {
    // An error means that it is installed already.
    rustls::crypto::ring::default_provider().install_default().ok();
    Ok(reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?)
}
