//! What a long command shows while it works: a bar on a terminal, and elsewhere a line now and then. It goes to standard
//! error, so that what a command has found can be piped on.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::store::{Progress, Stage};

/// Time between two drawings of a bar whose end nobody knows.
const TURN: Duration = Duration::from_millis(100);
/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Work whose end nobody knows.
pub(super) struct Waiting(Option<ProgressBar>);

impl Waiting {
    pub(super) fn start(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(TURN);
        Self(Some(bar))
    }

    pub(super) fn at(&self, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what.to_owned());
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The line before: of what, when, and whether it was the last one of its table.
struct Told {
    stage: Stage,
    table: &'static str,
    at: Instant,
    was_end: bool,
}

/// How far a copy has come.
pub(super) struct Copying {
    bar: Option<ProgressBar>,
    told: Option<Told>,
}

impl Copying {
    pub(super) fn start() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::no_length().with_style(style()));
        Self { bar, told: None }
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(format!("{} {}", doing(progress.stage), progress.table));
                progress.of.map_or_else(|| bar.unset_length(), |of| bar.set_length(of));
                bar.set_position(progress.rows);
            }
            None => self.tell_in_lines(progress),
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    /// A line at the beginning of each table, then rarely, and one at its end. An empty one is not worth a line.
    fn tell_in_lines(&mut self, progress: Progress) {
        let Progress { stage, table, rows, of } = progress;
        let before = self.told.as_ref().filter(|told| (told.stage, told.table) == (stage, table));
        let is_news = before.is_none_or(|told| {
            if progress.is_end() { !told.was_end } else { told.at.elapsed() >= LINE_EVERY }
        });
        if rows == 0 || !is_news {
            return;
        }
        self.told = Some(Told { stage, table, at: Instant::now(), was_end: progress.is_end() });
        let of = of.map(|of| format!(" of {}", HumanCount(of))).unwrap_or_default();
        // Who doesn't listen needs no progress.
        writeln!(std::io::stderr(), "{} {table}: {}{of} rows", doing(stage), HumanCount(rows)).ok();
    }
}

fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "reading",
        Stage::Copying => "copying",
        Stage::Verifying => "verifying",
        Stage::Encrypting => "encrypting",
    }
}

/// The library's own where the template can't be read, which a test would show.
fn style() -> ProgressStyle {
    let template = "{msg:22} {wide_bar} {human_pos}/{human_len} rows, {per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
