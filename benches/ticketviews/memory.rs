//! Many views of many tickets: what they take in memory and on disk, and what it costs that nothing changes.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{Options, Result, desk::Desk, service::Service, status};

/// Long enough for a second reading of every view.
const REFRESH: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(crate) async fn measure(options: &Options, folder: &Path) -> Result<()> {
    let (views, tickets) = (options.views, options.tickets);
    let generate = format!("tickets={},views={views}", views * tickets);
    let desk = Desk::start(&["--generate", &generate]).await?;
    // These would hold every ticket, and every fourth.
    for view in ["2", "15", "17"] {
        desk.switch_off(view).await?;
    }
    println!("\nmemory   {views} views of {tickets} tickets");
    let started = Instant::now();
    let settings = format!("{{ refresh_s: {} }}", REFRESH.as_secs());
    let service = Service::start(folder, "memory", &desk.url, &settings).await?;
    let all_there = |answer: &serde_json::Value| {
        let listed = answer["ticketviews"].as_array().map_or(&[][..], Vec::as_slice);
        listed.iter().filter(|view| view["ticket_count"] == tickets).count() >= views
    };
    service.get_until("/ticketviews", all_there).await?;
    let (now, most) = status::resident(service.id())?;
    println!("         read for the first time in {:.0} s", started.elapsed().as_secs_f64());
    println!("         resident {now:.0} MiB, at most {most:.0} MiB");
    println!("         on disk {:.0} MiB", on_disk(&folder.join("memory"))?);
    let (commits, readings) = (commits(&service).await?, readings(&service).await?);
    until_all_are_read_again(&service, readings, views).await?;
    let (now, most) = status::resident(service.id())?;
    let written = self::commits(&service).await? - commits;
    println!(
        "         all read again, unchanged: {written} commits; resident {now:.0} MiB, at most {most:.0} MiB"
    );
    Ok(())
}

async fn until_all_are_read_again(service: &Service, before: f64, views: usize) -> Result<()> {
    while readings(service).await? < before + views as f64 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn commits(service: &Service) -> Result<f64> {
    service.metric("deskbridge_store_commits_total").await
}

/// Readings of views that ended well.
async fn readings(service: &Service) -> Result<f64> {
    service.metric("deskbridge_ticketview_refreshes_total{connection=\"bench\",result=\"ok\"}").await
}

/// MiB of the store's files.
fn on_disk(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64 / 1024.0 / 1024.0)
}
