//! Tickets as RFC 4180 has them, one a line, for spreadsheets and for programs that load tables.
//!
//! A column is a place in the ticket's JSON (`status.label`, `custom_fields.field_12`). A cell holds what a person would
//! read there; what has no short form is JSON. A text that a spreadsheet would take for a formula gets a `'` before it,
//! and so does what follows a tab or `;` in it, at which some editions divide cells, quotes or not:
//! whoever may write a ticket could else have a colleague's spreadsheet run what they wrote (CWE-1236).

use csv::{Terminator, WriterBuilder};
use serde_json::{Value, value::RawValue};

use crate::{json, ticketview::view::Column};

/// What a ticket has beside custom fields, in this order.
const MEMBERS: &[&str] = &[
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
/// The member that has the custom fields.
const CUSTOM_FIELDS: &str = "custom_fields";
/// Stands between the values of one cell.
const SEPARATOR: &str = "; ";
/// What a formula begins with in one spreadsheet or another; the wide ones in East Asian editions.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// What divides cells in one edition or another.
const DIVIDERS: [char; 2] = ['\t', ';'];

/// The first line. Custom fields go by their keys or, if `names` are wanted and known, by what people call them.
pub(super) fn header(columns: &[Column], names: bool) -> Vec<u8> {
    let custom = columns.iter().map(|column| match column.name.as_deref().filter(|_| names) {
        Some(name) => unarmed(name.to_owned()),
        None => format!("{CUSTOM_FIELDS}.{}", column.key),
    });
    line(MEMBERS.iter().map(|member| (*member).to_owned()).chain(custom))
}

/// A ticket's line.
pub(super) fn ticket(ticket: &RawValue, columns: &[Column]) -> serde_json::Result<Vec<u8>> {
    let ticket: Value = json::from_str(ticket.get())?;
    let members = MEMBERS.iter().map(|path| cell(member(&ticket, path)));
    let custom = columns.iter().map(|column| {
        ticket
            .get(CUSTOM_FIELDS)
            .and_then(|fields| fields.get(&column.key))
            .map(custom_field)
            .unwrap_or_default()
    });
    Ok(line(members.chain(custom)))
}

fn line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Into memory, so that neither can fail.
    let written = writer.write_record(cells).is_ok();
    writer.into_inner().ok().filter(|_| written).unwrap_or_default()
}

fn member<'a>(ticket: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(ticket, |value, member| value.get(member))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(number @ (Value::Number(_) | Value::Bool(_))) => number.to_string(),
        Some(value) => unarmed(text(value)),
    }
}

/// Fields of one key stand side by side.
fn custom_field(field: &Value) -> String {
    let value = |field: &Value| field.get("value").cloned().unwrap_or_default();
    match field.get("also").and_then(Value::as_array) {
        None => cell(Some(&value(field))),
        Some(also) => cell(Some(&[field].into_iter().chain(also).map(value).collect())),
    }
}

/// A list of what has short forms has them side by side.
fn text(value: &Value) -> String {
    let short = match value.as_array() {
        Some(items) => items.iter().map(short).collect::<Option<Vec<_>>>().map(|items| items.join(SEPARATOR)),
        None => short(value),
    };
    short.unwrap_or_else(|| value.to_string())
}

/// A scalar; an option by its label, or else its id; a file by its name.
fn short(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Object(object) if object.contains_key("label") => {
            let told = ["label", "id"].into_iter().filter_map(|member| object.get(member));
            told.filter(|value| !value.is_null()).find_map(short)
        }
        Value::Object(object) if object.contains_key("uri") => object.get("name").and_then(short),
        _ => None,
    }
}

fn unarmed(text: String) -> String {
    let mut unarmed = String::with_capacity(text.len() + 1);
    let mut before = None;
    for sign in text.chars() {
        if before.is_none_or(|before| DIVIDERS.contains(&before)) && FORMULA.contains(&sign) {
            unarmed.push('\'');
        }
        unarmed.push(sign);
        before = Some(sign);
    }
    unarmed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let record = reader.records().next().unwrap().unwrap();
        record.iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_kind_of_value_has_a_cell() {
        for (value, expected) in [
            (json!(null), ""),
            (json!(-7), "-7"),
            (json!(true), "true"),
            (json!("打印机, \"离线\"\n"), "打印机, \"离线\"\n"),
            (json!([]), ""),
            (json!([565_123, 565_124]), "565123; 565124"),
            (json!({ "id": 3, "label": "华中" }), "华中"),
            (json!({ "id": 3, "label": null }), "3"),
            (json!([{ "id": 1, "label": "北京市" }, { "id": 2, "label": "二级1" }]), "北京市; 二级1"),
            (json!([{ "name": "照片.jpg", "uri": "1/a.jpg", "uploaded_at": null }]), "照片.jpg"),
            (json!([{ "rowId": 1 }]), "[{\"rowId\":1}]"),
            (json!({ "SN": "x", "total": 0 }), "{\"SN\":\"x\",\"total\":0}"),
        ] {
            assert_eq!(cell(Some(&value)), expected, "{value}");
        }
    }

    #[test]
    fn no_text_begins_as_a_formula_does() {
        for text in ["=1+1", "+8613800138000", "-2", "@SUM(A1)", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]
        {
            assert_eq!(cell(Some(&json!(text))), format!("'{text}"));
            assert_eq!(cell(Some(&json!([text, "b"]))), format!("'{text}; b"));
            assert_eq!(cell(Some(&json!({ "id": 1, "label": text }))), format!("'{text}"));
        }
        assert_eq!(cell(Some(&json!("a=1"))), "a=1");
    }

    #[test]
    fn nor_does_what_an_edition_takes_for_a_cell_of_its_own() {
        for (text, expected) in [
            ("\t=1", "'\t'=1"),
            ("打印机;=1+1", "打印机;'=1+1"),
            ("打印机\t@SUM(A1);＝1", "打印机\t'@SUM(A1);'＝1"),
            ("a; b;c\td", "a; b;c\td"),
        ] {
            assert_eq!(cell(Some(&json!(text))), expected);
        }
    }

    #[test]
    fn a_line_has_a_cell_for_each_column_and_ends_as_rfc_4180_has_it() {
        let column =
            |key: &str, name: Option<&str>| Column { key: key.into(), name: name.map(str::to_owned) };
        let columns =
            [column("field_12", Some("确认情况")), column("field_14", None), column("x", Some("=cmd"))];
        let also = json!([{ "name": "金额", "type": "decimal", "value": 12.5 }]);
        let fields = json!({ "field_12": { "name": "确认情况", "type": "text", "value": "合同制定" },
            "x": { "name": "=cmd", "type": "text", "value": "a", "also": also } });
        let ticket = json!({ "id": 1, "status": { "code": 1, "name": "new", "label": "新建" }, "custom_fields": fields });
        let bytes = super::ticket(&serde_json::value::to_raw_value(&ticket).unwrap(), &columns).unwrap();
        assert!(bytes.ends_with(b"\r\n"));
        let cells = read(&bytes);
        let by_key = read(&header(&columns, false));
        assert_eq!(cells.len(), by_key.len());
        let of = |name: &str| &*cells[by_key.iter().position(|column| column == name).unwrap()];
        assert_eq!((of("id"), of("status.label"), of("type.code")), ("1", "新建", ""));
        assert_eq!((of("custom_fields.field_12"), of("custom_fields.field_14")), ("合同制定", ""));
        assert_eq!(of("custom_fields.x"), "a; 12.5");
        let by_name = read(&header(&columns, true));
        assert_eq!(by_name[MEMBERS.len()..], ["确认情况", "custom_fields.field_14", "'=cmd"]);
    }
}
