//! How a command that goes on by itself is told to stop.

use std::io;

use tokio::signal::{
    ctrl_c,
    unix::{SignalKind, signal},
};

/// Waits for Ctrl-C or SIGTERM. From the call on, SIGTERM no longer ends the process at once.
pub(super) fn told() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
}
