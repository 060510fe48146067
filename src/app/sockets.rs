//! Cuts off connections on which nothing is asked for too long, or on which an answer waits for too long to be read. The
//! server itself only bounds the first request's head: who sends one quick request and then the next one byte by byte, a
//! body that nobody wants, or nothing but HTTP/2 pings would hold a connection for ever; and who never lets an HTTP/2
//! stream send would have its answer kept as long.

use std::{
    io,
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::Socket;

/// Time between two looks: connections are cut off that much later.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a connection may be quiet while the service stops. The server would wait for each as long as for work, since
/// clients keep them open for later, and HTTP/2's are not told to go. Not at once: what an answer's end is still written
/// from is the server's, which doesn't say when it is out.
const QUIET_AT_STOP: Duration = Duration::from_secs(2);
/// From when on after a stop nobody may begin another request on a connection that is never quiet for that long.
const LAST_REQUESTS: Duration = Duration::from_secs(6);

/// The connections that are open.
#[derive(Clone)]
pub(super) struct Sockets {
    seen: Arc<Mutex<Vec<Seen>>>,
    quiet: Duration,
    /// Looks at which an answer may be found waiting where it waited before.
    unread: u64,
}

/// How a connection was at the last look.
struct Seen {
    socket: Weak<Socket>,
    requests: u64,
    quiet_since: Instant,
}

impl Sockets {
    /// Connections may be quiet for one time, and an answer lie unread for another.
    pub(super) fn new(quiet: Duration, unread: Duration) -> Self {
        let unread = unread.as_secs().div_ceil(LOOK_EVERY.as_secs()) + 1;
        Self { seen: Arc::default(), quiet, unread }
    }

    /// A connection was opened; what its requests tell themselves by.
    pub(super) fn opened(&self, stream: &impl AsFd) -> io::Result<Arc<Socket>> {
        let socket = Arc::new(Socket::new(stream.as_fd().try_clone_to_owned()?.into()));
        let seen = Seen { socket: Arc::downgrade(&socket), requests: 0, quiet_since: Instant::now() };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Ok(socket)
    }

    /// Works until all are `closed`; from `stop` on, whoever asks for nothing has to go.
    pub(super) async fn run(self, stop: CancellationToken, closed: CancellationToken) {
        let mut stopped = None;
        loop {
            tokio::select! {
                () = closed.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = Instant::now();
            if stop.is_cancelled() {
                stopped.get_or_insert(now);
            }
            self.look(now, stopped);
        }
    }

    fn look(&self, now: Instant, stopped: Option<Instant>) {
        let quiet = stopped.map_or(self.quiet, |_| QUIET_AT_STOP);
        let is_late = stopped.is_some_and(|at| now.duration_since(at) >= LAST_REQUESTS);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain_mut(|seen| {
            seen.socket.upgrade().is_some_and(|socket| {
                let is_left = is_late && !socket.is_busy();
                let keeps = !seen.is_quiet(&socket, now, quiet) && !is_left && !self.is_unread(&socket);
                if !keeps {
                    socket.cut();
                }
                keeps
            })
        });
    }

    fn is_unread(&self, socket: &Socket) -> bool {
        socket.look().is_some_and(|looks| looks > self.unread)
    }
}

impl Seen {
    fn is_quiet(&mut self, socket: &Socket, now: Instant, patience: Duration) -> bool {
        let requests = socket.requests();
        if socket.is_busy() || requests != self.requests {
            (self.requests, self.quiet_since) = (requests, now);
        }
        now.duration_since(self.quiet_since) > patience
    }
}
