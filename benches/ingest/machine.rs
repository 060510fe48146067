//! The machine that a figure belongs to: without it the figure means nothing.

use std::fs;
use std::path::Path;
use std::thread;

/// `2 cores, <CPU model>, Linux <release>`
pub(crate) fn describe() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {}, Linux {}", cpu_model(), kernel())
}

/// The type of the file system that holds a folder: `ext4`; on `tmpfs` an fsync costs nothing.
pub(crate) fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let entries = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let holding = entries.filter(|(mounted_at, _)| folder.starts_with(mounted_at));
    let closest = holding.max_by_key(|(mounted_at, _)| mounted_at.len());
    closest.map_or("unknown", |(_, kind)| kind).to_owned()
}

fn cpu_model() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| line.split_once(':')).map(|(_, model)| model.trim());
    model.unwrap_or("unknown CPU").to_owned()
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned()
}
