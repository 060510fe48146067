//! Tickets as RFC 4180 has them, one a line, for spreadsheets and for programs that load tables.
//!
//! A column is a place in the ticket's JSON (`status.label`, `custom_fields.field_12`). Cells hold what a person would
//! read there; what has no short form is JSON. A text that a spreadsheet would take for a formula gets a `'` before it:
//! whoever may write a ticket could else have a colleague's spreadsheet run what they wrote (CWE-1236).

use serde_json::Value;

use super::super::view::Column;

/// Members of a ticket that are columns, in this order; then come its custom fields.
const COLUMNS: [&str; 35] = [
    "id",
    "subject",
    "description",
    "status.code",
    "status.name",
    "status.label",
    "priority.code",
    "priority.name",
    "priority.label",
    "type.code",
    "type.name",
    "type.label",
    "source.code",
    "source.name",
    "source.label",
    "contact_id",
    "agent_id",
    "group_id",
    "cc_agent_ids",
    "cc_group_ids",
    "creator.id",
    "creator.type.code",
    "creator.type.name",
    "creator.type.label",
    "template_id",
    "tags",
    "created_at",
    "updated_at",
    "opened_at",
    "waiting_at",
    "solved_at",
    "closed_at",
];
/// What stands between the values of one cell.
const SEPARATOR: &str = "; ";
/// What a formula starts with, in any of the usual spreadsheets; the wide ones in East Asian ones.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{0}'];
