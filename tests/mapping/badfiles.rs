//! Files that are no mapping, or hardly YAML: each gets one clear error with its place, in bounded time and memory.

use std::{fs, path::Path, time::Duration};

use deskbridge::diagnostic::Diagnostic;
use serde_json::{Value, json};

use crate::sources::*;

/// A mapping of every key that the language has. Each case changes one of them.
const EVERY_KEY: &str = "\
source: udesk
target: bangwo8
unmapped: report
park: [field_options.replaced, field_options.changed, field_options.deleted]
vocabulary:
  source: { status: { waiting: [等待配件] } }
  target: { ticket: { ticketStatus: { codes: { 7: 待配件 } }, tagList: { clear: '' }, subject: { max_length: 200 } } }
parameters:
  agents: 客服
  fallback: 备用
  template: 模板
tables:
  status: { of: status, arms: { open: 2, solving: 2, resolved: 4, closed: 6, waiting: park }, unknown: park, lossy: 同码 }
ticket:
  events: [ticket.created, ticket.updated, ticket.replied]
  lane: /id
  version: { from: /updated_at, unreadable: park }
  unseen: create
  fields:
    subject: { from: /subject, required: true, max_length: { chars: 200, over: truncate }, lossy: 长标题 }
    descript:
      first_of:
        - { from: /content, convert: html_to_text, when: { at: /content_type, is: html } }
        - { from: /content, when: { all: [{ at: /content_type, not: html }, { at: /content, exists: true }] } }
        - { value: 无, when: { any: [{ at: /content_type, in: [text, html] }] } }
      lossy: 版式
    ticketStatus: { from: [/status_en, /status], table: status, required: true, default: 1 }
    ccUserIdList: { join: [{ from: /user }, { from: /user_name }], with: '，', lossy: 合并 }
    ccGroupIdList: { template: '{/user_group_name}', lossy: 模板 }
    tagList: { from: /tags, convert: comma_list, lossy: 逗号 }
    servicerUserId:
      from: [/assignee_id]
      lookup: { of: agent, table: agents, link: /user_id, vendor: { email: /assignee }, on_missing: omit }
      default: { parameter: fallback }
      lossy: 多名
    ticketTemplateId: { parameter: template }
  custom_fields:
    at: /custom_fields
    others: report
    unknown: park
    unreadable: park
    rows:
      TextField_1: { to: field_1, as: date_time, zone: Asia/Shanghai, unreadable: report, lossy: 时区 }
      TextField_2: { to: field_2, as: number, decimals: 2, lossy: 小数 }
      TextField_3: { to: field_3, as: phone, country: 86, lossy: 分隔符 }
      SelectField_1: { to: field_4, as: choice, options: { 0: 北京 }, unknown: report }
      SelectField_2: { to: field_5, as: choices, options: vendor, send: id }
  reply:
    text: { from: /reply/content }
    id: /reply/id
    author: { name: [/reply/author/nick_name], kind: /reply/author/user_type, kinds: { agent: 客服 } }
    internal: { at: /reply/function, is: internal, then: skip }
  company:
    lane: /user_id
    fields: { companyName: { from: /user_name, required: true } }
  unused: [/field_num]
company:
  events: [company.created, company.updated]
  lane: /id
  fields: { companyName: { from: /name } }
";

/// Problems that one mistake has at most.
const OFTEN: usize = 9;

#[test]
fn the_mapping_of_every_key_has_no_mistake() {
    assert_eq!(told(EVERY_KEY), [""; 0]);
}

#[test]
fn a_value_of_another_type_is_told_where_it_stands_whatever_the_key() {
    let file: Value = serde_saphyr::from_str(EVERY_KEY).unwrap();
    let mut found = Vec::new();
    keys_below(&file, "", &mut found);
    assert!(found.len() > 150, "{} keys", found.len());
    let mut taken = Vec::new();
    for path in found {
        let right = file.pointer(&path).unwrap();
        let other = if right.is_array() { json!({ "键": { "值": 1 } }) } else { json!([["列表"]]) };
        let wrongs = [other, Value::Null];
        // Null is what a member that isn't there is compared as.
        let is_compared = path.ends_with("/is") || path.ends_with("/not") || path.contains("/in/");
        for wrong in
            wrongs.into_iter().filter(|wrong| !(is_alike(right, wrong) || wrong.is_null() && is_compared))
        {
            let mut file = file.clone();
            *file.pointer_mut(&path).unwrap() = wrong.clone();
            let problems = told(serde_json::to_string_pretty(&file).unwrap());
            // A mistake in a part that others build on can be told there too.
            if problems.is_empty() || problems.len() > OFTEN {
                taken.push(format!("{path}: {wrong} for {right} is told {} times", problems.len()));
            }
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}

/// A list of anything is told item by item.
fn is_alike(right: &Value, wrong: &Value) -> bool {
    right.is_object() && wrong.is_object() || right.is_array() && wrong.is_array()
}

fn keys_below(value: &Value, at: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in members {
        let path = format!("{at}/{key}");
        keys_below(value, &path, found);
        found.push(path);
    }
}

#[test]
fn a_key_that_stands_twice_is_told_at_every_level() {
    let second = |before: &str| EVERY_KEY.replacen(before, &format!("{before}{before}"), 1);
    for twice in [
        "unmapped: report\n",
        "  agents: 客服\n",
        "  unseen: create\n",
        "    ticketTemplateId: { parameter: template }\n",
        "    others: report\n",
        "    id: /reply/id\n",
        "open: 2, ",
        "of: status, ",
        "from: /subject, ",
        "chars: 200, ",
        "country: 86, ",
        "is: internal, ",
    ] {
        assert_eq!(EVERY_KEY.matches(twice).count(), 1, "{twice}");
        let problems = told(second(twice));
        assert!(
            matches!(&problems[..], [one] if one.contains("stands here a second time")),
            "{twice}: {problems:?}"
        );
    }
}

#[test]
fn files_that_are_no_mapping_are_told_in_one_error_each() {
    let deep =
        |open: &str, close: &str| format!("source: {}{}\n", open.repeat(100_000), close.repeat(100_000));
    let laughs = (1..30).fold("a0: &a0 [哈]\n".to_owned(), |text, n| {
        let many = vec![format!("*a{}", n - 1); 10].join(", ");
        format!("{text}a{n}: &a{n} [{many}]\n")
    });
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", Vec::new(), "a mapping is a map"),
        ("comments", "# 只有注释\n# 没有映射\n".into(), "a mapping is a map"),
        ("a list", "- source: udesk\n".into(), "a mapping is a map"),
        ("a text", "udesk\n".into(), "a mapping is a map"),
        ("two documents", format!("{EVERY_KEY}---\n{EVERY_KEY}").into(), "a second document starts here"),
        ("a tab", EVERY_KEY.replace("\n  lane", "\n\tlane").into(), ""),
        ("a NUL", EVERY_KEY.replace("unmapped: report", "unmapped: re\0port").into(), ""),
        ("10 MB", "#".repeat(10 * 1024 * 1024).into(), "has 10240 KiB; a mapping file has 1024 KiB at most"),
        (
            "a huge scalar",
            EVERY_KEY.replace("unmapped: report", &format!("unmapped: {}", "大".repeat(300_000))).into(),
            "is one of report, append, park",
        ),
        ("lists in lists", deep("[", "]").into(), ""),
        ("maps in maps", deep("{a: ", "}").into(), ""),
        ("aliases of aliases", laughs.into(), ""),
        ("a merge of what is no map", EVERY_KEY.replace("unseen: create", "<<: 5").into(), ""),
        ("no UTF-8", [EVERY_KEY.as_bytes(), b"  \xff\n"].concat(), "is not UTF-8: save the file as UTF-8"),
    ];
    for (what, text, expected) in cases {
        let problems = in_time(text);
        let [problem] = &problems[..] else {
            panic!("{what}: {} problems: {:#?}", problems.len(), &problems[..problems.len().min(3)])
        };
        assert!(problem.contains(expected), "{what}: {problem}");
        assert!(problem.chars().count() < 400, "{what}: {} characters", problem.chars().count());
    }
}

#[test]
fn what_is_no_utf_8_is_told_with_its_place() {
    let text = [EVERY_KEY.as_bytes(), "# 中\u{20}".as_bytes(), b"\xe4\xb8"].concat();
    let line = EVERY_KEY.lines().count() + 1;
    assert_eq!(told(text), [format!("{line}:5: error: is not UTF-8: save the file as UTF-8")]);
}

#[test]
fn a_mark_at_the_start_and_the_line_ends_of_windows_do_not_matter() {
    assert_eq!(told(EVERY_KEY.replace('\n', "\r\n")), [""; 0]);
    assert_eq!(told(format!("\u{feff}{EVERY_KEY}")), [""; 0]);
}

#[test]
fn anchors_and_merge_keys_work_as_in_any_yaml() {
    let merged = EVERY_KEY.replace("TextField_3: { to", "TextField_3: &行 { to");
    let row = "      SelectField_1:";
    let merged = merged.replace(row, &format!("      TextField_4: {{ <<: *行, to: field_9 }}\n{row}"));
    assert_eq!(told(merged), [""; 0]);
    let alias = EVERY_KEY
        .replace("join: [{ from: /user }, { from: /user_name }]", "join: [&一 { from: /user }, *一]");
    assert_eq!(told(alias), [""; 0]);
}

#[test]
fn files_that_build_on_each_other_end() {
    let folder = folder();
    let write = |name: &str, base: &str| {
        fs::write(folder.path().join(name), format!("extends: {base}\nunmapped: report\n")).unwrap();
    };
    write("own.yaml", "own.yaml");
    write("dotted.yaml", "./dotted.yaml");
    write("a.yaml", "b.yaml");
    write("b.yaml", "a.yaml");
    write("mappings/north.yaml", "south");
    write("mappings/south.yaml", "north");
    for step in 0..20 {
        write(&format!("step{step}.yaml"), &format!("step{}.yaml", step + 1));
    }
    write("step20.yaml", "udesk-bangwo8");
    for start in ["own.yaml", "dotted.yaml", "a.yaml", "north", "step0.yaml"] {
        let problems = library(folder.path()).compile(start).unwrap_err();
        let [problem] = &problems[..] else { panic!("{start}: {problems:?}") };
        assert!(problem.to_string().contains(":1:10: error: builds on "), "{start}: {problem}");
    }
    // As many as may.
    assert!(library(folder.path()).compile("step14.yaml").is_ok());
}

#[test]
fn what_can_not_be_read_as_a_file_is_told() {
    let folder = folder();
    fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    fs::create_dir(folder.path().join("mappings/named.yaml")).unwrap();
    fs::write(folder.path().join("lost.yaml"), "extends: gone.yaml\n").unwrap();
    fs::write(folder.path().join("list.yaml"), "extends: [a, b]\n").unwrap();
    fs::write(folder.path().join("null.yaml"), "extends:\n").unwrap();
    for (name, expected) in [
        ("folder.yaml", "can't be read: "),
        ("gone.yaml", "can't be read: "),
        ("named", "named.yaml: error: can't be read: it is no regular file"),
        ("unnamed", "there is no mapping unnamed"),
        ("lost.yaml", "can't be read: "),
        ("list.yaml", "extends is the name or path of a mapping"),
        ("null.yaml", "extends is the name or path of a mapping"),
        ("", "there is no mapping"),
    ] {
        let problems = library(folder.path()).compile(name).unwrap_err();
        let [problem] = &problems[..] else { panic!("{name}: {problems:?}") };
        assert!(problem.to_string().contains(expected), "{name}: {problem}");
    }
}

#[test]
fn words_that_would_be_dropped_in_silence_are_mistakes() {
    for (right, wrong, expected) in [
        ("then: skip", "then: skip, else: mark", "internal has no else"),
        ("is: internal,", "is: [internal],", "is compared with text, a number or true, not with a list"),
        ("is: internal,", "is: intern,", "the schema never lets /reply/function be \"intern\""),
        (
            "at: /content_type, is: html",
            "at: /content_type, is: html, exists: true",
            "a condition has one of",
        ),
        ("{ any: [", "{ at: /subject, any: [", "a condition has one of"),
        (
            "any: [{ at: /content_type, in: [text, html] }]",
            "any: []",
            "any is a list of at least one condition",
        ),
        ("in: [text, html]", "in: []", "in is a list of at least one value"),
        ("{ from: /name }", "{ from: /name, with: x }", "with is what stands between the texts of a join"),
        (
            "table: status, required",
            "table: status, unreadable: park, required",
            "unreadable is for a value that is read",
        ),
        (
            "TextField_2: { to: field_2, as: number,",
            "TextField_2: { to: field_2,",
            "decimals is for as: number: take it out",
        ),
        ("{ 0: 北京 }", "{ 0: 北京, '0,1': 海淀 }", "commas stand between options"),
        ("{ 0: 北京 }", "{ ' 0': 北京 }", "without blanks"),
        (
            "as: choice, options: { 0: 北京 }",
            "as: cascade, options: { 0: 北京, '1,1': 浦东 }",
            "there is no option 1 above it",
        ),
        (
            "{ parameter: template }",
            "{ parameter: agents }",
            "the parameter agents is a table elsewhere and an id here",
        ),
        ("tagList: { clear: '' }", "tagList: { clear: [] }", "tagList takes text"),
        ("tagList: { clear: '' }", "createrId: { clear: '' }", "createrId takes an id: a whole number"),
        ("{ 7: 待配件 }", "{ 700: 待配件 }", "a code is a whole number from 0 to 255, not 700"),
        (", max_length: { chars: 200, over: truncate }, lossy: 长标题", "", "subject takes 200 characters"),
    ] {
        assert_eq!(EVERY_KEY.matches(right).count(), 1, "{right} is one place");
        let problems = told(EVERY_KEY.replace(right, wrong));
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{wrong}: {problems:#?}");
    }
}

/// What is said of a file with this text, without its name.
fn told(text: impl AsRef<[u8]>) -> Vec<String> {
    let folder = folder();
    let problems = compile(folder.path(), text).err().unwrap_or_default();
    problems.iter().map(|problem| without_name(problem, folder.path())).collect()
}

fn without_name(problem: &Diagnostic, folder: &Path) -> String {
    let name = format!("{}:", folder.join("mine.yaml").display());
    problem.to_string().strip_prefix(&name).expect("the file's name").trim_start().to_owned()
}

/// The same from a thread of the size that threads have, which has to be done in time.
fn in_time(text: Vec<u8>) -> Vec<String> {
    const SOON: Duration = Duration::from_secs(20);
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || sender.send(told(text)));
    let told = receiver.recv_timeout(SOON).expect("an answer in time");
    thread.join().expect("no panic").expect("a receiver");
    told
}
