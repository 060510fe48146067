//! A mapping file with a mistake is refused with the place of the mistake and what to do about it.

use deskbridge::{diagnostic::Diagnostic, mapping::Library};

use crate::support::*;

/// A mapping without a mistake. Each case changes a word of it.
const GOOD: &str = "\
source: udesk
target: bangwo8
version: /updated_at
parameters:
  agents: who
  template: which
tables:
  status:
    of: status
    arms: { open: 1, solving: 2, resolved: 4, closed: 6 }
ticket:
  subject: { from: /subject }
  descript: { from: /content, convert: html_to_text, when: { at: /content_type, is: html } }
  ticketStatus: { from: /status, table: status }
  tagList: { from: [/tags, /labels], convert: comma_list }
  servicerUserId: { from: /assignee, lookup: agents }
  ticketTemplateId: { parameter: template }
custom_fields:
  at: /custom_fields
  rows:
    TextField_1: { to: field_1 }
    SelectField_1: { to: field_9, as: choice, options: { 0: 甲 } }
reply:
  from: /reply/content
unused: [/id]
company:
  fields:
    companyName: { from: /name }
    servicestarttime: { from: /since, convert: date }
field_options:
  field: /field_name
  options: /options
";

/// What is replaced, by what, and what is said: place, then message.
const MISTAKES: &[(&str, &str, &str)] = &[
    // Names that don't exist.
    (
        "source: udesk",
        "source: udsek",
        "1:9: error: there is no vocabulary udsek: known are udesk, generic; did you mean udesk?",
    ),
    ("target: bangwo8", "target: zendesk", "2:9: error: there is no vocabulary zendesk: known are bangwo8"),
    (
        "  subject: {",
        "  subjct: {",
        "12:11: error: a ticket of bangwo8 has no field subjct; did you mean subject?",
    ),
    ("of: status", "of: statsu", "9:9: error: udesk has no closed field statsu; did you mean status?"),
    ("table: status", "table: stauts", "14:17: error: there is no table stauts; did you mean status?"),
    (
        "lookup: agents",
        "lookup: agent",
        "16:19: error: the parameter agent is not declared under parameters; did you mean agents?",
    ),
    (
        "parameter: template",
        "parameter: tempalte",
        "17:21: error: the parameter tempalte is not declared under parameters; did you mean template?",
    ),
    // Tables that don't fit their vocabularies.
    ("{ open: 1,", "{ opne: 1, open: 1,", "10:19: error: status has no value opne; did you mean open?"),
    (", closed: 6", "", "9:5: error: the table has no arm for closed"),
    (
        "closed: 6",
        "closed: 9",
        "10:55: error: closed: ticketStatus has no code 9, only 1 新建, 2 已开启, 3 待回应, 4 已解决, 5 自动关闭, 6 手动关闭",
    ),
    // Fields that get what they don't take.
    (
        "from: /subject }",
        "from: /subject, lookup: agents }",
        "12:12: error: subject takes text: give it from or a parameter",
    ),
    (", table: status", "", "14:17: error: ticketStatus takes one of a closed set: give it a table"),
    (", lookup: agents", "", "16:19: error: servicerUserId takes an id: give it a lookup or a parameter"),
    // Rules that contradict themselves.
    (
        "from: /subject }",
        "from: /subject, parameter: template }",
        "12:12: error: a rule has either from or parameter",
    ),
    ("{ from: /subject }", "{ required: true }", "12:12: error: a rule has either from or parameter"),
    (
        "table: status }",
        "table: status, convert: comma_list }",
        "14:17: error: a value is converted in one way: table, or lookup, or convert: comma_list, or convert: \
      date, or convert: html_to_text with when: { at, is }",
    ),
    (
        ", when: { at: /content_type, is: html }",
        "",
        "13:13: error: a value is converted in one way: table, or lookup, or convert: comma_list, or convert: \
      date, or convert: html_to_text with when: { at, is }",
    ),
    (
        "parameter: template }",
        "parameter: template, lookup: agents }",
        "17:21: error: a parameter is given as it is: its rule has no table, lookup, convert, when or otherwise",
    ),
    (
        "table: status }",
        "table: status, otherwise: template }",
        "14:17: error: otherwise is for whom a lookup doesn't know: give the rule a lookup",
    ),
    (
        "to: field_1 }",
        "to: field_1, options: { 0: 甲 } }",
        "21:18: error: as: choice and as: choices have options, text and date have none",
    ),
    (
        ", options: { 0: 甲 }",
        "",
        "22:20: error: as: choice and as: choices have options, text and date have none",
    ),
    // Pointers that are none.
    (
        "from: /subject",
        "from: subject",
        "12:12: error: \"subject\" is not a JSON Pointer: write e.g. /subject",
    ),
    (
        "at: /content_type",
        "at: content_type",
        "13:13: error: \"content_type\" is not a JSON Pointer: write e.g. /subject",
    ),
    (
        "at: /custom_fields",
        "at: custom_fields",
        "19:7: error: \"custom_fields\" is not a JSON Pointer: write e.g. /subject",
    ),
    (
        "version: /updated_at",
        "version: updated_at",
        "3:10: error: \"updated_at\" is not a JSON Pointer: write e.g. /subject",
    ),
    (
        "field: /field_name",
        "field: field_name",
        "31:10: error: \"field_name\" is not a JSON Pointer: write e.g. /subject",
    ),
    (
        "from: /reply/content",
        "from: /reply/content\n  author: { kind: author }",
        "24:3: error: \"author\" is not a JSON Pointer: write e.g. /subject",
    ),
    // The other kinds of entities.
    (
        "companyName:",
        "companyname:",
        "28:18: error: a company of bangwo8 has no field companyname; did you mean companyName?",
    ),
    (
        "    companyName: { from: /name }\n",
        "",
        "2:9: error: a new company of bangwo8 needs companyName: give it a rule",
    ),
    (", convert: date", "", "29:23: error: servicestarttime takes a date: give it from and convert: date"),
    ("unused: [/id]", "unused: [id]", "25:10: error: \"id\" is not a JSON Pointer: write e.g. /subject"),
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
        ("unused: [/id]", "unused: [/id", "26:", &["error: "]),
        ("  subject: {", "  subject: { frm: /x,", "12:14", &["frm", "from"]),
        ("target: bangwo8", "target: bangwo8\ntagret: x", "3:1", &["tagret", "target"]),
        ("source: udesk\n", "", "29:1", &["missing", "source"]),
        ("as: choice", "as: choise", "22:39", &["unknown value", "choice, choices"]),
        ("{ open: 1,", "{ open: one,", "10:19", &["error: "]),
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
        problems(&GOOD.replace("  subject: {", "  subjct: {").replace("lookup: agents", "lookup: agent"));
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn a_mapping_that_is_nowhere_is_told_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::beside(folder.path());
    let told = |name: &str| library.compile(name).unwrap_err()[0].message.clone();
    let expected = "there is no mapping udesk-bangwo: neither this file nor one of udesk-bangwo8, \
                    generic-bangwo8; did you mean udesk-bangwo8?";
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
    let mapping = Library::beside(folder.path()).compile("udesk-bangwo8").unwrap();
    let found = told(apply(&mapping, &serde_json::json!({ "status": "已解决" }), &Default::default()));
    assert_eq!(found["fields"]["ticketStatus"], 5);
}

#[test]
fn a_field_that_a_mapping_requires_is_refused_where_it_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let strict = GOOD.replace("from: /subject }", "from: /subject, required: true }");
    std::fs::write(folder.path().join("strict.yaml"), strict).unwrap();
    let mapping = Library::beside(folder.path()).compile("strict.yaml").unwrap();
    let refusal = apply(&mapping, &serde_json::json!({ "subject": "" }), &Default::default()).unwrap_err();
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("missing_value", "/subject"));
}

/// What is said of a file with this text, without its name.
fn problems(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, text).expect("a mapping");
    let name = format!("{}:", file.display());
    let told = |problem: &Diagnostic| {
        let told = problem.to_string();
        told.strip_prefix(&name).unwrap_or_else(|| panic!("{told} names the file")).to_owned()
    };
    Library::beside(folder.path()).compile("mine.yaml").err().unwrap_or_default().iter().map(told).collect()
}
