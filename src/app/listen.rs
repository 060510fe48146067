//! The listener: who may come in, over what, how many at once, and for how long without headway.

use std::{
    any::Any,
    fs, io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{
    App as Web, HttpServer,
    dev::{Extensions, Server},
    middleware::from_fn,
    rt::net::TcpStream,
    web,
};
use arc_swap::ArcSwap;
use rustix::{
    net::sockopt::set_tcp_user_timeout,
    process::{Resource, Rlimit, getrlimit, setrlimit},
    system::sysinfo,
};
use tokio::net::TcpSocket;

use super::{BuildError, sockets::Sockets, tls::Certificate};
use crate::{
    config::Settings,
    http::{self, Api, Bodies},
};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// Connections open at once: the streams of ticket views that one process serves, and a quarter more for all else. The
/// next ones wait to be accepted.
const MAX_CONNECTIONS: usize = 25_000;
/// Open files that one connection takes: its own, and the one by which it can be cut off.
const FILES_EACH: usize = 2;
/// Open files that are left to the store, the vendors' clients and the configuration.
const OTHER_FILES: usize = 256;
/// Bytes of memory that one connection may take at once, beside the bodies that have a room of their own: what was sent
/// ahead, and an answer on its way out (`benches/ingest --crowd`: 36 KiB).
const BYTES_EACH: u64 = 40 * 1024;
/// Connections may take one part in so many of the memory.
const MEMORY_SHARE: u64 = 2;
/// Where a container finds what it may have of memory (Linux, cgroup-v2.rst and cgroup-v1/memory.rst).
const GROUP_MEMORY: [&str; 2] = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
/// Fewest connections, however few files or little memory the system allows.
const LEAST_CONNECTIONS: usize = 64;
/// TLS handshakes under way at once for each of its threads: each costs far more than a request does.
const HANDSHAKES: usize = 256;
/// How long a caller who was told to go has to take the answer, before the connection is closed on it.
const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes of one HTTP/2 stream and of one connection's streams that may be on their way here unread: beyond them the
/// sender waits.
const H2_STREAM_WINDOW: u32 = 256 * 1024;
const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Listens, over TLS if there is a certificate.
pub(super) fn listen(
    api: Arc<ArcSwap<Api>>,
    settings: &Settings,
    certificate: Option<&Certificate>,
    sockets: &Sockets,
) -> Result<(Server, SocketAddr), BuildError> {
    let (api, max_body, patience) = (web::Data::from(api), settings.max_body_bytes, settings.patience);
    let bodies = web::Data::new(Bodies::new(max_body, patience.body, patience.body_step));
    let service = move || {
        Web::new()
            .wrap(from_fn(http::front))
            .app_data(api.clone())
            .app_data(bodies.clone())
            .app_data(web::PayloadConfig::new(max_body))
            .configure(http::routes)
    };
    let (listen, opened, workers) = (settings.listen, sockets.clone(), threads());
    let failed = |source| BuildError::Listen { listen, source };
    let listener = bind(listen, patience.unread).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let server = HttpServer::new(service)
        .disable_signals()
        .workers(workers)
        .backlog(BACKLOG)
        .max_connections(max_connections().div_ceil(workers))
        .max_connection_rate(HANDSHAKES)
        .tls_handshake_timeout(patience.head)
        .client_request_timeout(patience.head)
        .client_disconnect_timeout(FAREWELL)
        .keep_alive(patience.idle)
        .h2_initial_window_size(H2_STREAM_WINDOW)
        .h2_initial_connection_window_size(H2_CONNECTION_WINDOW)
        .on_connect(move |stream, known| connected(&opened, stream, known))
        .shutdown_timeout(settings.shutdown_grace_s);
    let server = match certificate {
        Some(certificate) => server.listen_rustls_0_23(listener, certificate.server_config()?),
        None => server.listen(listener),
    };
    Ok((server.map_err(failed)?.run(), address))
}

/// Bytes that lie unread at the other end for longer than `unread` end a connection, which each inherits from the
/// listener: of who stops reading, nothing else would tell (RFC 5482; Linux, tcp(7)).
fn bind(listen: SocketAddr, unread: Duration) -> io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    set_tcp_user_timeout(&socket, u32::try_from(unread.as_millis()).unwrap_or(u32::MAX))?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Requests find their connection by it.
fn connected(sockets: &Sockets, stream: &dyn Any, known: &mut Extensions) {
    let tcp = stream.downcast_ref::<TcpStream>();
    let inside = || stream.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0);
    // Without files to spare, the connection is served and can't be cut off.
    if let Some(Ok(socket)) = tcp.or_else(inside).map(|tcp| sockets.opened(tcp)) {
        known.insert(socket);
    }
}

fn threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// As many as there are files and memory for.
fn max_connections() -> usize {
    let (files, memory) = (open_files(), memory_bytes());
    let (by_files, by_memory) = (connections_of_files(files), connections_of_memory(memory));
    let connections = by_files.min(by_memory);
    if by_memory < by_files {
        tracing::info!(memory, connections, "as many connections are taken at once as there is memory for");
    } else if connections < MAX_CONNECTIONS {
        tracing::warn!(
            files,
            connections,
            "the system allows few open files: fewer connections are taken at once (ulimit -n)"
        );
    }
    connections
}

fn connections_of_files(files: usize) -> usize {
    (files.saturating_sub(OTHER_FILES) / FILES_EACH).clamp(LEAST_CONNECTIONS, MAX_CONNECTIONS)
}

fn connections_of_memory(bytes: u64) -> usize {
    let room = usize::try_from(bytes / MEMORY_SHARE / BYTES_EACH).unwrap_or(usize::MAX);
    room.clamp(LEAST_CONNECTIONS, MAX_CONNECTIONS)
}

/// Files that the process may have open, of which it is first allowed all that it may.
fn open_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let files = if raised.is_ok() { limit.maximum } else { limit.current };
    files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

/// What the process may have: its control group's, as a container has one, or the machine's.
fn memory_bytes() -> u64 {
    let machine = sysinfo();
    let of_machine = (machine.totalram as u64).saturating_mul(machine.mem_unit.into());
    // Of a group without a limit the file says `max`, or a number beyond any machine's.
    let group = |file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
    GROUP_MEMORY.into_iter().filter_map(group).fold(of_machine, u64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_container_takes_as_many_connections_as_it_has_memory_for() {
        let mebibyte = 1024 * 1024;
        assert_eq!(connections_of_memory(512 * mebibyte), 6_553);
        assert_eq!(connections_of_memory(64 * 1024 * mebibyte), MAX_CONNECTIONS);
        assert_eq!(connections_of_memory(mebibyte), LEAST_CONNECTIONS);
    }

    #[test]
    fn the_machine_tells_its_memory() {
        assert!(memory_bytes() > 0);
    }
}
