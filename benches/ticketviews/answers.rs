//! A view's answer and its 304, beside the same bytes as a file.

use std::path::Path;

use crate::{
    Options, Result,
    desk::Desk,
    load::{self, Request, Round},
    nginx::Nginx,
    service::Service,
};

/// The view that the tickets are tagged for, and how many it gets in all.
const VIEW: &str = "15";
const TICKETS: usize = 20;
/// Sent before the first round: connections and caches are warm after that.
const WARM_UP_S: u64 = 1;

pub(crate) async fn measure(options: &Options, folder: &Path) -> Result<()> {
    let desk = Desk::start(&[]).await?;
    desk.fill_view(TICKETS).await?;
    let service = Service::start(folder, "answers", &desk.url, "{ refresh_s: 3600 }").await?;
    let path = format!("/ticketviews/{VIEW}/tickets");
    let answer = service.get_until(&path, |answer| answer["count"] == TICKETS).await?;
    let (body, etag) = (answer.body, answer.etag);
    let nginx = Nginx::start(folder, &body).await?;
    println!(
        "answers  {TICKETS} tickets, {} bytes; {} connections, {} rounds of {} s each",
        body.len(),
        options.connections,
        options.rounds,
        options.seconds
    );
    let theirs = nginx.etag().await?;
    let full = [nginx.request(None), service.request(&path, None)];
    let not_modified = [nginx.request(Some(&theirs)), service.request(&path, Some(&etag))];
    compare("the whole answer", options, full, 200)?;
    compare("304", options, not_modified, 304)
}

fn compare(name: &str, options: &Options, pair: [Request; 2], status: u16) -> Result<()> {
    for request in &pair {
        load::run(request, options.connections, WARM_UP_S, status)?;
    }
    println!("\n{name}: requests a second, and the ratio to nginx");
    let mut rounds: Vec<[Round; 2]> = Vec::new();
    for number in 1..=options.rounds {
        let theirs = load::run(&pair[0], options.connections, options.seconds, status)?;
        let ours = load::run(&pair[1], options.connections, options.seconds, status)?;
        let ratio = ours.per_second() / theirs.per_second();
        println!(
            "round {number}   nginx {:>8.0}   deskbridge {:>8.0}   {ratio:.3}",
            theirs.per_second(),
            ours.per_second()
        );
        rounds.push([theirs, ours]);
    }
    let ratio = median(rounds.iter().map(|[theirs, ours]| ours.per_second() / theirs.per_second()));
    let p99 =
        |which: usize| median(rounds.iter().map(|pair| pair[which].quantile(0.99).as_secs_f64() * 1000.0));
    println!("ratio    {ratio:.3} (median of the pairs); p99 {:.2} ms, nginx {:.2} ms", p99(1), p99(0));
    Ok(())
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
