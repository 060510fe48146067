//! `deskbridge mapping schema`.

use super::say;

/// What an editor needs to complete and check mapping files.
const SCHEMA: &str = include_str!("../../../schemas/mapping.json");

pub(super) fn run() {
    say(SCHEMA.trim_end());
}
