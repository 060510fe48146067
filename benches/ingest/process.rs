//! A child process that ends with its owner, and what Linux says about a process.

use std::fs;
use std::process::Child;
use std::time::Duration;

use crate::Result;

/// Ticks a second in `/proc/PID/stat`; the same on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// Ends its process when dropped, also when the benchmark fails.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    pub(crate) fn id(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.0.kill().and_then(|()| self.0.wait()) {
            eprintln!("ingest: process {} did not end: {error}", self.0.id());
        }
    }
}

/// What a process has used so far.
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    pub(crate) written_bytes: u64,
}

impl Usage {
    pub(crate) fn of(process: &str) -> Result<Self> {
        Ok(Self {
            cpu: cpu(&read(process, "stat")?)?,
            written_bytes: field(&read(process, "io")?, "write_bytes:")?,
        })
    }

    pub(crate) fn of_this_process() -> Result<Self> {
        Self::of("self")
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self { cpu: self.cpu - before.cpu, written_bytes: self.written_bytes - before.written_bytes }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident_kib: u64,
    pub(crate) peak_kib: u64,
}

impl Memory {
    pub(crate) fn of(process: &str) -> Result<Self> {
        let status = read(process, "status")?;
        Ok(Self { resident_kib: field(&status, "VmRSS:")?, peak_kib: field(&status, "VmHWM:")? })
    }
}

fn read(process: &str, file: &str) -> Result<String> {
    let path = format!("/proc/{process}/{file}");
    Ok(fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?)
}

/// User and system time: the 14th and 15th field, counted behind the name, which may hold spaces.
fn cpu(stat: &str) -> Result<Duration> {
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let mut ticks = 0;
    for field in behind_name.split_whitespace().skip(11).take(2) {
        ticks += field.parse::<u64>()?;
    }
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

fn field(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|line| line.split_whitespace().next());
    Ok(value.ok_or_else(|| format!("/proc has no {name}"))?.parse()?)
}
