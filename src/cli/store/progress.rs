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

/// How far a copy has come.
pub(super) struct Copying {
    bar: Option<ProgressBar>,
    told: Option<(Stage, &'static str, Instant)>,
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

    /// A line at the beginning of each table, and then rarely.
    fn tell_in_lines(&mut self, progress: Progress) {
        let Progress { stage, table, rows, of } = progress;
        if self.told.is_some_and(|told| (told.0, told.1) == (stage, table) && told.2.elapsed() < LINE_EVERY) {
            return;
        }
        self.told = Some((stage, table, Instant::now()));
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
    }
}

/// The library's own where the template can't be read, which a test would show.
fn style() -> ProgressStyle {
    let template = "{msg:22} {wide_bar} {human_pos}/{human_len} rows, {per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
