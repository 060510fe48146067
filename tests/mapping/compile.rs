//! A mapping file with a mistake is refused with the place of the mistake and what to do about it.

use deskbridge::diagnostic::Diagnostic;

use crate::support::*;

/// A mapping without a mistake. Each case changes a word of it.
pub(crate) const GOOD: &str = "\
source: udesk
target: bangwo8
parameters:
  agents: who
  template: which
tables:
  status:
    of: status
    arms: { open: 1, solving: 2, resolved: 4, closed: 6 }
    unknown: park
  priority: { of: priority, arms: { low: 1, medium: 2, high: 3, urgency: 3 }, unknown: park, lossy: both }
ticket:
  events: [ticket.created, ticket.updated, ticket.replied]
  lane: /id
  version: { from: /updated_at, unreadable: park }
  fields:
    subject: { from: /subject }
    descript:
      first_of:
        - { from: /content, convert: html_to_text, when: { at: /content_type, is: html } }
        - { from: /content }
      lossy: markup
    ticketStatus: { from: /status, table: status }
    priorityLevel: { from: /priority, table: priority, default: 2 }
    tagList: { from: /tags, convert: comma_list, lossy: commas }
    servicerUserId: { from: [/assignee_id, /assignee], lookup: { table: agents, on_missing: omit }, lossy: who }
    ticketTemplateId: { parameter: template }
  custom_fields:
    at: /custom_fields
    unknown: park
    unreadable: park
    rows:
      TextField_1: { to: field_1 }
      SelectField_1: { to: field_9, as: choice, options: { 0: 甲 } }
  reply:
    text: { from: /reply/content }
  unused: [/field_num]
company:
  events: [company.created, company.updated]
  lane: /id
  fields:
    companyName: { from: /name }
    servicestarttime: { from: /token, convert: date, unreadable: park, lossy: the time of day }
field_options:
  events: [field_options.replaced, field_options.changed, field_options.deleted]
  lane: /field_name
  field: /field_name
  options: /options
  unknown: park
  unreadable: park
";

/// What is replaced, by what, and what is said: place, then message.
pub(crate) const MISTAKES: &[(&str, &str, &str)] = &[
    // Names that don't exist.
    (
        "source: udesk",
        "source: udsek",
        "1:9: error: there is no vocabulary udsek: known are udesk, generic, zendesk, freshdesk; did you mean udesk?",
    ),
    ("target: bangwo8", "target: zendesk", "2:9: error: there is no vocabulary zendesk: known are bangwo8"),
    (
        "\nticket:\n",
        "\nunmaped: park\nticket:\n",
        "12:1: error: a mapping has no unmaped; did you mean unmapped?",
    ),
    (
        "    subject: {",
        "    subjct: {",
        "17:5: error: a ticket of bangwo8 has no field subjct; did you mean subject?",
    ),
    ("of: status", "of: statsu", "8:9: error: udesk has no closed field statsu; did you mean status?"),
    ("table: status", "table: stauts", "23:43: error: there is no table stauts; did you mean status?"),
    (
        "table: agents",
        "table: agent",
        "26:73: error: the parameter agent is not declared under parameters; did you mean agents?",
    ),
    (
        "parameter: template",
        "parameter: tempalte",
        "27:36: error: the parameter tempalte is not declared under parameters; did you mean template?",
    ),
    ("from: /subject", "form: /subject", "17:16: error: a rule has no form; did you mean from?"),
    (
        "convert: comma_list",
        "convert: coma_list",
        "25:38: error: there is no conversion coma_list: there are html_to_text, text_to_html, comma_list, date, date_time, number, phone, link, yes_no, attachments; did you mean comma_list?",
    ),
    (
        "ticket.updated,",
        "ticket.updatd,",
        "13:28: error: there is no event type ticket.updatd; did you mean ticket.updated?",
    ),
    (
        "[company.created,",
        "[ticket.created, company.created,",
        "39:11: error: ticket.created is not about a company",
    ),
    (
        "as: choice",
        "as: choise",
        "34:41: error: is one of text, date, date_time, number, phone, link, yes_no, list, html, choice, choices, cascade, attachments; did you mean choice?",
    ),
    (
        "on_missing: omit",
        "on_missing: ommit",
        "26:93: error: is one of park, omit, create, default; did you mean omit?",
    ),
    (
        "on_missing: omit }",
        "on_missing: omit, vendor: { mail: /assignee } }",
        "26:109: error: what bangwo8 finds an agent by has no mail; did you mean email?",
    ),
    // Tables that don't fit their vocabularies.
    ("{ open: 1,", "{ opne: 1, open: 1,", "9:13: error: status has no value opne; did you mean open?"),
    (", resolved: 4", "", "8:5: error: the table has no arm for resolved: give it a code, or park"),
    (
        "closed: 6",
        "closed: 9",
        "9:55: error: closed: ticketStatus has no code 9, only 1 新建, 2 已开启, 3 待回应, 4 已解决, 5 自动关闭, 6 手动关闭",
    ),
    ("closed: 6", "closed: six", "9:55: error: an arm is a code of the target or park, not text"),
    (
        "    unknown: park\n  priority",
        "  priority",
        "22:19: error: the schema lets /status have values that tables.status has no arm for: say unknown: park or report in the table",
    ),
    (
        "high: 3, urgency: 3",
        "high: 3, urgency: 4",
        "11:101: error: the table priority can be taken back: take lossy out",
    ),
    (
        ", lossy: both",
        "",
        "11:13: error: the table priority can't be taken back (two values share a code): say lossy: and why that is fine",
    ),
    (
        "table: priority, ",
        "value: 2, ",
        "24:20: error: a rule has one of from, value, parameter, template, join, first_of, not from and value",
    ),
    // Fields that get what they don't take.
    (
        "from: /subject }",
        "from: /subject, lookup: { table: agents, on_missing: omit } }",
        "17:14: error: subject takes text: give it from, value, parameter, template or join",
    ),
    (
        ", table: status",
        "",
        "23:19: error: ticketStatus takes one of a closed set: give it a table or a value",
    ),
    (
        ", lookup: { table: agents, on_missing: omit }",
        "",
        "26:21: error: servicerUserId takes an id: give it a lookup, a parameter or a value",
    ),
    (
        "from: /subject }",
        "from: /custom_fields }",
        "17:22: error: subject takes text, and /custom_fields is an object",
    ),
    (
        ", convert: comma_list, lossy: commas",
        "",
        "25:14: error: the schema lets /tags have values that can't be read as text: say unreadable: park or report",
    ),
    (
        ", default: 2",
        ", default: 5",
        "24:65: error: priorityLevel has no code 5, only 1 低, 2 正常, 3 高, 4 紧急",
    ),
    // Rules that contradict themselves.
    (
        "from: /subject }",
        "from: /subject, value: x }",
        "17:14: error: a rule has one of from, value, parameter, template, join, first_of, not from and value",
    ),
    (
        "{ from: /subject }",
        "{ required: true }",
        "17:14: error: a rule needs one of from, value, parameter, template, join, first_of",
    ),
    (
        "table: status }",
        "table: status, convert: comma_list }",
        "23:19: error: a value is converted in one way: from with table, or with lookup, or with convert",
    ),
    (
        "parameter: template }",
        "parameter: template, convert: link }",
        "27:23: error: a value is converted in one way: from with table, or with lookup, or with convert",
    ),
    (
        "        - { from: /content, convert",
        "        - { value: 无 }\n        - { from: /content, convert",
        "21:11: error: is never reached: the rule before it has a value for every event",
    ),
    (
        "{ from: /subject }",
        "{ template: \"{subject}\", lossy: x }",
        "17:26: error: \"subject\" is not a JSON Pointer: write e.g. {/subject}",
    ),
    (
        "{ from: /subject }",
        "{ template: \"{/subject\", lossy: x }",
        "17:26: error: a { has no } after it; a brace of the text itself is written {{",
    ),
    (
        "on_missing: omit }",
        "on_missing: create }",
        "26:93: error: bangwo8 documents no way to make an agent: only companies can be",
    ),
    (
        "on_missing: omit }",
        "on_missing: default }",
        "26:93: error: on_missing: default needs a default beside the lookup",
    ),
    ("is: html", "is: htm", "20:83: error: the schema never lets /content_type be \"htm\""),
    (
        "as: choice, options: { 0: 甲 }",
        "as: choice",
        "34:22: error: as: choice, choices and cascade have options, the others have none",
    ),
    (
        "to: field_1 }",
        "to: field_9 }",
        "34:22: error: a second row goes to field_9; the first is TextField_1",
    ),
    // Members that nothing would read.
    (
        "from: /subject }",
        "from: /subject, with: \" \" }",
        "17:38: error: with is what stands between the texts of a join: take it out",
    ),
    (
        "table: status }",
        "table: status, unreadable: park }",
        "23:63: error: unreadable is for a value that is read from the event as text or by convert: take it out",
    ),
    (
        "to: field_1 }",
        "to: field_1, zone: UTC }",
        "33:41: error: zone is for as: date or date_time: take it out",
    ),
    (
        "to: field_1 }",
        "to: field_1, send: id }",
        "33:41: error: send is for options: vendor; listed options are sent as they stand",
    ),
    (
        "is: html }",
        "is: html, not: text }",
        "20:58: error: a condition has one of is, in, not, exists beside at, or is all or any",
    ),
    (
        "{ at: /content_type, is: html }",
        "{ at: /content_type }",
        "20:58: error: a condition has one of is, in, not, exists beside at, or is all or any",
    ),
    // What new entities need.
    (
        "    ticketStatus: { from: /status, table: status }\n",
        "",
        "17:5: error: a new ticket of bangwo8 needs ticketStatus: give it a rule",
    ),
    (
        "from: /status, table",
        "from: /status_en, table",
        "23:19: error: a new ticket of bangwo8 needs ticketStatus, and events can be without: give it a default, or say required: true to park those",
    ),
    // What can't be read, and what can't be taken back.
    (
        "version: { from: /updated_at, unreadable: park }",
        "version: /updated_at",
        "15:12: error: the schema lets /updated_at have values that can't be read as a date and time: say version: { from: /updated_at, unreadable: park }, or report",
    ),
    (
        ", unreadable: park, lossy: the time",
        ", lossy: the time",
        "43:23: error: the schema lets /token have values that can't be read as a date (YYYY-MM-DD): say unreadable: park or report",
    ),
    (
        ", lossy: the time of day",
        "",
        "43:23: error: company.fields.servicestarttime can't be taken back (the time of day is lost): say lossy: and why that is fine",
    ),
    (
        "from: /subject }",
        "from: /subject, lossy: nothing }",
        "17:39: error: ticket.fields.subject can be taken back: take lossy out",
    ),
    (
        "    unknown: park\n    unreadable: park\n",
        "    unreadable: park\n",
        "33:22: error: choices need unknown: park or report, here or for all rows",
    ),
    (
        "    unknown: park\n    unreadable: park\n",
        "    unknown: park\n",
        "32:20: error: the schema lets it have values that can't be read as text: say unreadable: park or report, here or for all rows",
    ),
    // Pointers that are none, or that point at nothing.
    (
        "from: /subject",
        "from: subject",
        "17:22: error: \"subject\" is not a JSON Pointer: write e.g. /subject",
    ),
    (
        "from: /subject",
        "from: /subjct",
        "17:22: error: no event of ticket.created, ticket.updated, ticket.replied has /subjct; did you mean subject?",
    ),
    (
        "at: /content_type",
        "at: /contenttype",
        "20:64: error: no event of ticket.created, ticket.updated, ticket.replied has /contenttype; did you mean content_type?",
    ),
    (
        "[/field_num]",
        "[/field_nun]",
        "37:12: error: no event of ticket.created, ticket.updated, ticket.replied has /field_nun; did you mean field_num?",
    ),
    (
        "field: /field_name",
        "field: /name",
        "47:10: error: no event of field_options.replaced, field_options.changed, field_options.deleted has /name",
    ),
    (
        "  lane: /id\n  version",
        "  lane: /field_num\n  version",
        "14:9: error: events are ordered by /id, which the schema of ticket.created says (x-entity): write /id",
    ),
    (
        "/reply/content }",
        "/reply/contents }",
        "36:19: error: no event of ticket.created, ticket.updated, ticket.replied has /reply/contents; did you mean content?",
    ),
    // Events that nothing serves.
    (
        ", ticket.replied]",
        "]",
        "1:9: error: ticket.replied is neither served nor parked: add it to a section's events, or write park: [ticket.replied]",
    ),
    (
        "ticket.created, ticket.updated",
        "ticket.created, ticket.created, ticket.updated",
        "13:28: error: ticket.created stands here twice",
    ),
    // The other kinds of entities.
    (
        "companyName:",
        "companyname:",
        "42:5: error: a company of bangwo8 has no field companyname; did you mean companyName?",
    ),
    ("  field: /field_name\n", "", "45:3: error: field_options needs field"),
];

#[test]
fn every_kind_of_mistake_is_told_with_its_place_and_a_way_out() {
    for (right, wrong, expected) in MISTAKES {
        assert_eq!(GOOD.matches(right).count(), 1, "{right} is one place");
        let problems = problems(&GOOD.replace(right, wrong));
        assert!(problems.contains(&(*expected).to_owned()), "{wrong}: {problems:#?} lacks\n{expected}");
    }
}

#[test]
fn the_mapping_that_the_mistakes_are_made_in_has_none() {
    assert_eq!(problems(GOOD), [""; 0]);
}

#[test]
fn yaml_that_can_not_be_read_is_told_with_its_place() {
    const UNREADABLE: &[(&str, &str, &str, &[&str])] = &[
        ("unused: [/field_num]", "unused: [/field_num", "", &["error: "]),
        ("target: bangwo8", "target: bangwo8\nsource: generic", "3:1", &["second time", "remove"]),
        ("{ open: 1,", "{ open: 1, open: 2,", "9:22", &["second time", "remove"]),
        ("target: bangwo8", "target: *nowhere", "2:9", &["error: "]),
    ];
    for (right, wrong, place, words) in UNREADABLE {
        let problems = problems(&GOOD.replace(right, wrong));
        let [problem] = &problems[..] else { panic!("{wrong}: {problems:?}") };
        assert!(problem.starts_with(place), "{wrong}: {problem}");
        for word in *words {
            assert!(problem.contains(word), "{wrong}: {problem} lacks {word}");
        }
    }
}

#[test]
fn every_mistake_of_a_file_is_told_and_not_only_the_first() {
    let problems =
        problems(&GOOD.replace("  subject: {", "  subjct: {").replace("table: agents", "table: agent"));
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn a_mapping_that_is_nowhere_is_told_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path());
    let told = |name: &str| library.compile(name).unwrap_err()[0].message.clone();
    let expected = "there is no mapping udesk-bangwo: neither this file nor one of udesk-bangwo8, \
                    generic-bangwo8, zendesk-bangwo8, freshdesk-bangwo8; did you mean udesk-bangwo8?";
    assert_eq!(told("udesk-bangwo"), expected);
    assert!(told("mine.yaml").starts_with("can't be read: "));
}

#[test]
fn a_mapping_beside_the_connections_file_is_used_in_place_of_the_shipped_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mappings")).unwrap();
    let own = std::fs::read_to_string(repository("mappings/udesk-bangwo8.yaml")).unwrap();
    let own = own.replace("resolved: 4", "resolved: 5");
    std::fs::write(folder.path().join("mappings/udesk-bangwo8.yaml"), own).unwrap();
    let mapping = library(folder.path()).compile("udesk-bangwo8").unwrap();
    let found = told(apply(&mapping, &serde_json::json!({ "status": "已解决" }), &Default::default()));
    assert_eq!(found["fields"]["ticketStatus"], 5);
}

#[test]
fn what_a_base_has_and_a_file_that_builds_on_it_makes_no_use_of_is_no_mistake() {
    let own =
        "extends: udesk-bangwo8\nticket: { fields: { priorityLevel: { value: 2 }, servicerUserId: ~ } }\n";
    assert_eq!(problems(own), [""; 0]);
    let unused = "tables: { mine: { of: priority, arms: { low: 1, medium: 2, high: 3, urgency: 4 }, unknown: park } }\n";
    assert_eq!(
        problems(&[own, unused].concat()),
        ["3:17: error: no rule uses the table mine: use it or take it out"]
    );
}

#[test]
fn a_row_beside_those_of_the_base_is_told_what_is_in_its_way() {
    let own =
        |row: &str| format!("extends: udesk-bangwo8\nticket: {{ custom_fields: {{ rows: {{ {row} }} }} }}\n");
    for (row, told) in [
        ("TextField_1: ~", None),
        (
            "TextField_99: ~",
            Some("2:36: error: the base udesk-bangwo8 has no row TextField_99 to remove: take this out"),
        ),
        (
            "TextField_20: { to: field_1 }",
            Some(
                "2:50: error: a second row goes to field_1; the first is TextField_1 of udesk-bangwo8, and TextField_1: ~ \
                 removes it",
            ),
        ),
        ("TextField_20: { to: field_1 }, TextField_1: ~", None),
        // The base has this one behind the one that is its own.
        (
            "TextField_1: { to: field_2 }",
            Some(
                "2:49: error: a second row goes to field_2; the first is TextField_2 of udesk-bangwo8, and TextField_2: ~ \
                 removes it",
            ),
        ),
    ] {
        assert_eq!(problems(&own(row)), told.into_iter().collect::<Vec<_>>(), "{row}");
    }
    let whole = GOOD.replace("TextField_1: { to: field_1 }", "TextField_1: ~");
    assert_eq!(
        problems(&whole),
        [
            "33:7: error: there is no base whose row TextField_1 could be removed: take this out, or write a row"
        ]
    );
}

#[test]
fn a_field_that_a_mapping_requires_is_needed_by_new_entities_only() {
    let folder = tempfile::tempdir().unwrap();
    let strict = GOOD.replace("convert: comma_list,", "convert: comma_list, required: true,");
    std::fs::write(folder.path().join("strict.yaml"), strict).unwrap();
    let mapping = library(folder.path()).compile("strict.yaml").unwrap();
    let event = serde_json::json!({ "subject": "打印机离线", "status": "open" });
    let found = told(apply(&mapping, &event, &Default::default()));
    assert_eq!(found["missing"], serde_json::json!(["tagList"]));
    assert_eq!(found["fields"]["subject"], "打印机离线");
}

/// What is said of a file with this text, without its name.
pub(crate) fn problems(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, text).expect("a mapping");
    let name = format!("{}:", file.display());
    let told = |problem: &Diagnostic| {
        let told = problem.to_string();
        told.strip_prefix(&name).unwrap_or_else(|| panic!("{told} names the file")).to_owned()
    };
    library(folder.path()).compile("mine.yaml").err().unwrap_or_default().iter().map(told).collect()
}
