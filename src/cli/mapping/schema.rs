//! `deskbridge mapping schema`.

use super::say;

/// What stands below the help.
pub(super) const EXAMPLE: &str = "\
Example: deskbridge mapping schema > mapping.schema.json

The first line of a mapping in mappings/ names it to the editor:
  # yaml-language-server: $schema=../mapping.schema.json";
/// What an editor needs to complete and check mapping files.
const SCHEMA: &str = include_str!("../../../schemas/mapping.json");

pub(super) fn run() {
    say(SCHEMA.trim_end());
}
