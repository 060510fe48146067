//! Many listeners: what each takes, and how long a change is on its way to all of them.

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

use crate::{
    Options, Result,
    answers::median,
    desk::{self, Desk},
    service::Service,
    status,
};

const VIEW: &str = "15";
const TICKETS: usize = 20;
const CHANGES: usize = 5;
/// Streams that are being opened at once: the backlog of a listening socket is bounded.
const OPENING: usize = 256;
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn measure(options: &Options, folder: &Path) -> Result<()> {
    let desk = Desk::start(&[]).await?;
    desk.fill_view(TICKETS).await?;
    let service = Service::start(folder, "streams", &desk.url, "{ refresh_s: 1 }").await?;
    service.get_until(&format!("/ticketviews/{VIEW}/tickets"), |answer| answer["count"] == TICKETS).await?;
    let (before, _) = status::resident(service.id())?;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let request: Arc<[u8]> = service.request(&format!("/ticketviews/stream?views={VIEW}"), None).bytes;
    let address: SocketAddr = service.address().parse()?;
    let (opening, opened) = (Arc::new(Semaphore::new(OPENING)), Instant::now());
    let mut streams = JoinSet::new();
    for _ in 0..options.streams {
        let (heard, request, opening) = (heard.clone(), request.clone(), opening.clone());
        streams.spawn(async move {
            let permit = opening.acquire_owned().await?;
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(&request).await?;
            until(&mut stream, b"\r\n\r\n").await?;
            drop(permit);
            heard.send(Instant::now())?;
            loop {
                until(&mut stream, b"event: ticketview").await?;
                heard.send(Instant::now())?;
            }
        });
    }
    all(&mut hearing, &mut streams, options.streams).await?;
    let (after, most) = status::resident(service.id())?;
    let each = (after - before) * 1024.0 / options.streams as f64;
    println!("\nstreams  {} open after {:.1} s", options.streams, opened.elapsed().as_secs_f64());
    println!("         resident {after:.0} MiB, at most {most:.0} MiB: {each:.1} KiB a stream");
    let mut spans = Vec::new();
    for number in 0..CHANGES {
        desk.add(&desk::ticket(1000 + number)).await?;
        let moments = all(&mut hearing, &mut streams, options.streams).await?;
        let (first, last) = (moments.iter().min(), moments.iter().max());
        spans.extend(first.zip(last).map(|(first, last)| last.duration_since(*first).as_secs_f64() * 1000.0));
    }
    println!(
        "         a change: from the first listener to the last {:.0} ms (median of {CHANGES})",
        median(spans.into_iter())
    );
    Ok(())
}

/// When each heard the next.
async fn all(
    hearing: &mut mpsc::UnboundedReceiver<Instant>,
    streams: &mut JoinSet<Result<()>>,
    count: usize,
) -> Result<Vec<Instant>> {
    let mut moments = Vec::with_capacity(count);
    while moments.len() < count {
        tokio::select! {
            heard = tokio::time::timeout(PATIENCE, hearing.recv()) => moments.extend(heard?),
            Some(ended) = streams.join_next() => {
                ended??;
                return Err("a stream ended".into());
            }
        }
    }
    Ok(moments)
}

/// Reads until these bytes have come. What comes with them is not looked at: an event is sent in one piece.
async fn until(stream: &mut TcpStream, wanted: &[u8]) -> Result<()> {
    let mut read = Vec::with_capacity(1024);
    while !read.windows(wanted.len()).any(|window| window == wanted) {
        if stream.read_buf(&mut read).await? == 0 {
            return Err("the service closed a stream".into());
        }
    }
    Ok(())
}
