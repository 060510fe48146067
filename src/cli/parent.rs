//! A child that must not outlive whoever started it.

use std::io::Read;

use tokio::sync::oneshot;

/// Returns when standard input ends: it is a pipe that the parent holds open, and that the system closes however
/// the parent dies.
pub(super) async fn gone() {
    let (ended, end) = oneshot::channel::<()>();
    // A thread of its own, not the runtime's: a read that never returns would keep the runtime from ending.
    std::thread::spawn(move || {
        let mut ignored = [0; 64];
        while !matches!(std::io::stdin().read(&mut ignored), Ok(0) | Err(_)) {}
        drop(ended);
    });
    // Either way the channel is closed, and that is the news.
    end.await.ok();
}
