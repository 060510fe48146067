//! `mapping suggest`: what it makes of the fields of two desks, of files, and of what it can't read.

use std::{fs, path::PathBuf, process::Output};

use deskbridge::sandbox::{self, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::*;

const BOTH_FAMILIES: &str = "{ base_url: UDESK, v1: { secret: file:udesk-secret }, \
                             v2: { email: file:udesk-email, token: file:udesk-token } }";
const ONLY_V1: &str = "{ base_url: UDESK, v1: { secret: file:udesk-secret } }";

/// The simulators and a connections file for them; no service.
struct Desk {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Desk {
    /// A Udesk tenant that both families can read.
    async fn udesk() -> Self {
        Self::with(Options { api: BOTH_FAMILIES.into(), ..Options::default() }).await
    }

    /// A source without an API.
    async fn generic() -> Self {
        let (vendor, mapping) = ("generic".into(), "generic-bangwo8".into());
        Self::with(Options { vendor, mapping, ..Options::default() }).await
    }

    async fn with(options: Options) -> Self {
        let sandbox = sandbox::start(sandbox::Options::default()).await.expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        write_config(folder.path(), &sandbox, &options);
        Self { sandbox, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of the folder.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).expect("a file");
        self.path(name)
    }

    async fn run(&self, command: &[&str], arguments: &[&str]) -> Output {
        let mut command = deskbridge(command);
        command.args(arguments).arg("--config").arg(self.path("deskbridge.yaml"));
        // Where a relative name of an argument leads.
        command.current_dir(self.folder.path());
        run_to_end(command).await
    }

    /// Names another mapping in the connections file.
    fn use_mapping(&self, old: &str, new: &str) {
        let config = fs::read_to_string(self.path("deskbridge.yaml")).expect("the file");
        let (old, new) = (format!("mapping: {old}\n"), format!("mapping: {new}\n"));
        assert!(config.contains(&old), "{config}");
        self.file("deskbridge.yaml", &config.replace(&old, &new));
    }

    /// `check` finds no problem.
    async fn checked(&self) {
        let output = self.run(&["check"], &[]).await;
        assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    }

    async fn suggest(&self, arguments: &[&str]) -> Output {
        self.run(&["mapping", "suggest", "--connection", CONNECTION], arguments).await
    }

    /// The file that a command prints.
    async fn suggested(&self, arguments: &[&str]) -> String {
        let output = self.suggest(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    }

    /// How a command is refused.
    async fn refused(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.suggest(arguments).await;
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
        (output.status.code(), text(&output.stderr).to_owned())
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn parsed(file: &str) -> Value {
    serde_saphyr::from_str(file).unwrap_or_else(|error| panic!("{error}\n{file}"))
}

/// Source field → target field of the rows in force.
fn pairs(file: &str, section: &str) -> Vec<(String, String)> {
    let file = parsed(file);
    let rows = file[section]["custom_fields"]["rows"].as_object();
    let pair = |(name, row): (&String, &Value)| Some((name.clone(), row.get("to")?.as_str()?.to_owned()));
    rows.into_iter().flatten().filter_map(pair).collect()
}

/// `TextField_1 field_1 …`
fn told(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(source, target)| format!("{source} {target}")).collect::<Vec<_>>().join(", ")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fields_of_both_desks_become_rows_and_comments() {
    let desk = Desk::udesk().await;
    let file = desk.suggested(&[]).await;
    assert_eq!(
        told(&pairs(&file, "ticket")),
        "SelectField_1 field_9, SelectField_2 field_10, SelectField_3 field_11, TextField_1 field_1, \
         TextField_2 field_2, TextField_3 field_3, TextField_4 field_4, TextField_5 field_5, \
         TextField_6 field_6, TextField_7 field_7, TextField_8 field_8",
        "{file}"
    );
    let rows = &parsed(&file)["ticket"]["custom_fields"]["rows"];
    assert_eq!(rows["SelectField_2"]["options"], json!({ "0": "单选框选项1", "1": "单选框选项2" }));
    assert!(file.contains("# 4: \"电话,邮件均可\" "), "the target lacks it: {file}");
    assert!(file.contains("another field has the same key"), "field_24 is there twice: {file}");
    assert!(file.contains("field_12 销售阶段"), "nothing fills it: {file}");
    assert!(file.contains("SelectField_1 行业"), "companies have fields too: {file}");
    assert_eq!(file, desk.suggested(&[]).await, "the same again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_passes_the_check_as_it_stands() {
    let desk = Desk::udesk().await;
    fs::create_dir(desk.path("mappings")).expect("a folder");
    desk.suggested(&["--out", "mappings/acme.yaml"]).await;
    desk.use_mapping("udesk-bangwo8", "acme");
    desk.checked().await;
    let again = desk.suggested(&["--base", "acme"]).await;
    assert_eq!(parsed(&again), json!({ "extends": "acme" }), "all that is sure has its row: {again}");
    assert!(again.contains("#   TextField_8 → field_8"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_every_sort_pass_the_check() {
    let desk = Desk::generic().await;
    fs::create_dir(desk.path("mappings")).expect("a folder");
    let options = json!(["北京", "上海"]);
    let cascade = json!([{ "value": 0, "name": "北京市", "options": [{ "value": 1, "name": "海淀" }] }]);
    let fields = json!([
        { "name": "a", "label": "备注", "type": "text" },
        { "name": "b", "label": "处理过程", "type": "textarea" },
        { "name": "c", "label": "预约上门日期", "type": "datetime" },
        { "name": "d", "label": "设备数量", "type": "integer" },
        { "name": "e", "label": "客户联系方式", "type": "text" },
        { "name": "f", "label": "加急", "type": "checkbox" },
        { "name": "g", "label": "区域", "type": "dropdown", "options": options },
        { "name": "h", "label": "多选框", "type": "multiselect", "options": ["多选框选项2", "多选框选项1"] },
        { "name": "i", "label": "所在地区", "type": "cascade", "options": cascade },
        { "name": "j", "label": "使用的产品", "type": "dropdown", "section": "company", "options": ["工单"] },
        { "name": "k", "label": "合同日期", "type": "date", "section": "company" },
    ]);
    desk.file("fields.json", &fields.to_string());
    desk.suggested(&["--fields", "fields.json", "--out", "mappings/acme.yaml"]).await;
    let file = fs::read_to_string(desk.path("mappings/acme.yaml")).expect("the file");
    assert_eq!((pairs(&file, "ticket").len(), pairs(&file, "company").len()), (9, 2), "{file}");
    desk.use_mapping("generic-bangwo8", "acme");
    desk.checked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drop_down_with_options_below_its_options_is_a_cascade() {
    let desk = Desk::generic().await;
    let options = json!([{ "value": 0, "name": "北京市", "options": [{ "value": 1, "name": "海淀" }] }]);
    let mut files = Vec::new();
    for word in ["cascade", "dropdown", "Drop-down"] {
        let fields = json!([{ "name": "i", "label": "所在地区", "type": word, "options": options }]);
        desk.file("fields.json", &fields.to_string());
        files.push(desk.suggested(&["--fields", "fields.json"]).await);
    }
    let rows = &parsed(&files[0])["ticket"]["custom_fields"]["rows"];
    assert_eq!(rows["i"]["as"], "cascade", "{}", files[0]);
    assert!(files.iter().all(|file| *file == files[0]), "whatever the list calls it: {files:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_of_the_base_that_this_desk_has_no_row_for_are_removed() {
    let desk = Desk::udesk().await;
    fs::create_dir(desk.path("mappings")).expect("a folder");
    let fields = json!([{ "name": "TextField_1", "label": "备注", "type": "text" }]);
    desk.file("fields.json", &fields.to_string());
    desk.suggested(&["--fields", "fields.json", "--out", "mappings/acme.yaml"]).await;
    let file = fs::read_to_string(desk.path("mappings/acme.yaml")).expect("the file");
    let rows = &parsed(&file)["ticket"]["custom_fields"]["rows"];
    assert_eq!(rows["TextField_1"], json!({ "to": "field_14" }), "{file}");
    assert_eq!(rows["SelectField_3"], Value::Null, "{file}");
    assert_eq!(rows.as_object().map(|rows| rows.len()), Some(11), "{file}");
    desk.use_mapping("udesk-bangwo8", "acme");
    desk.checked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_at_either_desk() {
    let desk = Desk::udesk().await;
    desk.suggested(&[]).await;
    for vendor in [desk.sandbox.bangwo8_url(), desk.sandbox.udesk_url()] {
        let asked = send(http_client().get(format!("{vendor}/_sandbox/requests"))).await;
        let asked = asked.json.as_array().expect("a list of requests").clone();
        let writes = asked.iter().filter(|it| it["method"] != "GET" && it["path"] != "/api/token.php");
        assert_eq!(writes.count(), 0, "{asked:?}");
        assert!(!asked.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v1_tells_all_but_cascades_and_companies() {
    let desk = Desk::with(Options { api: ONLY_V1.into(), ..Options::default() }).await;
    let file = desk.suggested(&[]).await;
    assert_eq!(pairs(&file, "ticket").len(), 11, "{file}");
    assert!(file.contains("SelectField_4 级联字段"), "{file}");
    assert!(file.contains("the field list doesn't tell its options"), "{file}");
    assert!(!file.contains("行业"), "{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_without_an_api_is_described_by_files() {
    let desk = Desk::generic().await;
    let nothing = desk.suggested(&[]).await;
    assert_eq!(parsed(&nothing), json!({ "extends": "generic-bangwo8" }));
    assert!(nothing.contains("field_34 紧急程度"), "the target's side: {nothing}");
    let fields = json!([
        { "name": 360001, "label": "Urgency", "type": "tagger", "options": { "l": "Low", "h": "High" } },
        { "name": "floors", "label": "Number of floors", "type": "integer" },
        { "name": "level", "label": "客户级别", "type": "dropdown", "section": "company",
          "options": [{ "value": 7, "name": "普通客户" }, "重点客户"] },
    ]);
    desk.file("fields.json", &fields.to_string());
    let listed = desk.suggested(&["--fields", "fields.json"]).await;
    assert_eq!(
        parsed(&listed)["ticket"]["custom_fields"]["rows"]["360001"],
        json!({ "to": "field_34", "as": "choice", "options": { "l": "低", "h": "高" } }),
        "{listed}"
    );
    assert_eq!(
        parsed(&listed)["company"]["custom_fields"],
        json!({ "at": "/custom_fields", "unknown": "park", "unreadable": "park", "rows": { "level":
            { "to": "field_2", "as": "choice", "options": { "7": "普通客户", "重点客户": "重点客户" } } } }),
        "{listed}"
    );
    let event = json!({ "type": "ticket.created", "data": { "more": { "维修费用": 12.5, "360001": "x" } } });
    desk.file("events.ndjson", &format!("{event}\n\n{{\"type\":\"field_options.changed\",\"data\":{{}}}}\n"));
    let both =
        desk.suggested(&["--fields", "fields.json", "--events", "events.ndjson", "--at", "/more"]).await;
    assert!(told(&pairs(&both, "ticket")).contains("维修费用 field_29"), "{both}");
    assert!(told(&pairs(&both, "ticket")).contains("360001 field_34"), "the list wins: {both}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_is_not_overwritten() {
    let desk = Desk::udesk().await;
    let printed = desk.suggested(&[]).await;
    let said = desk.suggested(&["--out", "acme.yaml"]).await;
    assert!(said.starts_with("acme.yaml: written"), "{said}");
    assert_eq!(fs::read_to_string(desk.path("acme.yaml")).expect("the file"), printed);
    desk.file("acme.yaml", "mine");
    let (code, err) = desk.refused(&["--out", "acme.yaml"]).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.starts_with("deskbridge: acme.yaml exists"), "{err}");
    assert_eq!(fs::read_to_string(desk.path("acme.yaml")).expect("the file"), "mine");
    let (code, err) = desk.refused(&["--out", "nowhere/acme.yaml"]).await;
    assert_eq!(code, Some(1), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_company_fields_is_told_to_leave_them_out() {
    let auth = "{ basic: { account: file:b8-agent, password: file:b8-agent-password } }".into();
    let desk = Desk::with(Options { auth, api: BOTH_FAMILIES.into(), ..Options::default() }).await;
    let (code, err) = desk.refused(&[]).await;
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("--only ticket leaves companies out"), "{err}");
    let file = desk.suggested(&["--only", "ticket"]).await;
    assert_eq!(pairs(&file, "ticket").len(), 11, "{file}");
    assert!(!file.contains("company"), "{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_can_not_work_with_is_told_in_a_line() {
    let desk = Desk::with(Options::default()).await;
    for (name, text) in [
        ("no-list.json", "{}"),
        ("twice.json", r#"[{ "name": "a" }, { "name": "a" }]"#),
        (
            "same-index.json",
            r#"[{ "name": "a", "type": "cascade", "options": [{ "value": 0, "name": "甲",
            "options": [{ "value": "1", "name": "乙" }, { "value": 1, "name": "丙" }] }] }]"#,
        ),
        (
            "several-trees.json",
            r#"[{ "name": "a", "type": "multiselect", "options": [{ "value": 0, "name": "甲", "options": ["乙"] }] }]"#,
        ),
        ("no-options.json", r#"[{ "name": "a", "type": "dropdown" }]"#),
        ("typo.json", "[\n{ \"nmae\": \"123\" }]"),
        ("stranger.json", r#"[{ "name": "a", "x": 123 }]"#),
        (
            "option-typo.json",
            r#"[{ "name": "a", "options": [{ "value": 123, "name": "甲", "optoins": ["乙"] }] }]"#,
        ),
        ("nameless.json", r#"[{ "label": "123" }]"#),
        ("two-labels.json", r#"[{ "name": "a", "label": "甲", "label": "123" }]"#),
        ("no-field.json", r#"["123, expected"]"#),
        ("no-text.json", r#"[{ "name": "a", "label": 123 }]"#),
        ("no-option.json", r#"[{ "name": "a", "options": ["甲", [123]] }]"#),
        ("no-section.json", r#"[{ "name": "a", "section": "123" }]"#),
        ("no-json.json", "[\n{ \"name\": \"123\", }]"),
        ("no-type.json", r#"[{ "name": "a", "type": "123 of something else" }]"#),
        ("type-typo.json", r#"[{ "name": "a", "type": "Dropdwn", "options": ["123"] }]"#),
        ("types-typo.json", r#"[{ "name": "a", "type": "checkboxx" }]"#),
        ("no-name.json", r#"[{ "name": "a" }, { "name": " ", "label": "123" }]"#),
        ("events.ndjson", "{\"type\":\"ticket.created\",\"data\":{}}\n{\"secret\":\"123\"}\n"),
    ] {
        desk.file(name, text);
    }
    for (arguments, told) in [
        ("", "the source of the connection acme has no api"),
        (
            "--base generic-bangwo8 --fields no-options.json",
            "the mapping generic-bangwo8 is for events of generic, the source is udesk: name another one with --base",
        ),
        ("--base udesk-bangwo9 --fields no-options.json", "there is no mapping udesk-bangwo9"),
        ("--fields nowhere.json", "nowhere.json can't be read"),
        ("--fields no-list.json", "no-list.json:1:0: must be a JSON list of { name, label"),
        ("--fields typo.json", "there is no member nmae; did you mean name?"),
        ("--fields stranger.json", "there is no member x: known are name, label, type, options, section"),
        ("--fields option-typo.json", "there is no member optoins; did you mean options?"),
        ("--fields nameless.json", "the member name is missing"),
        ("--fields two-labels.json", "the member label stands here twice"),
        ("--fields no-field.json", "write { name, label, type, options, section } here"),
        ("--fields no-text.json", "no-text.json:1:"),
        ("--fields no-text.json", "write a text here"),
        ("--fields no-option.json", "write a name or { value, name, options } here"),
        ("--fields no-section.json", "no-section.json: the section of the field a is ticket or company"),
        ("--fields no-json.json", "no-json.json:2:"),
        ("--fields no-json.json", "is not JSON: trailing comma"),
        ("--fields twice.json", "twice.json: the field a is there twice"),
        (
            "--fields same-index.json",
            "same-index.json: the field a has the option 1 twice: values tell options by it",
        ),
        (
            "--fields several-trees.json",
            "the field a is of the type several options and has options below options: make it a cascade",
        ),
        ("--fields no-options.json", "the field a is of the type one option: list its options"),
        (
            "--fields no-type.json",
            "no-type.json: the type of the field a is no known word: write text, textarea, date, time, datetime, ",
        ),
        ("--fields type-typo.json", "the type of the field a is no known word; did you mean dropdown?"),
        ("--fields types-typo.json", "the type of the field a is no known word; did you mean checkbox"),
        ("--fields no-name.json", "no-name.json: field 2 of the list has no name"),
        ("--events events.ndjson", "events.ndjson:2: is no event: write a JSON object with type and data"),
    ] {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let (code, err) = desk.refused(&arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {err}");
        assert!(err.contains(told) && err.lines().count() == 1, "{arguments:?}: {err}");
        assert!(!err.contains("123"), "{err}");
    }
    let output = desk.run(&["mapping", "suggest", "--connection", "acne"], &[]).await;
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("has no connection acne, only acme; did you mean acme?"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_mapping_could_be_read_from_is_not_written() {
    let desk = Desk::generic().await;
    let options = json!(["北京", { "value": "y".repeat(1024 * 1024), "name": "上海" }]);
    let fields = json!([{ "name": "g", "label": "区域", "type": "dropdown", "options": options }]);
    desk.file("fields.json", &fields.to_string());
    let (code, err) = desk.refused(&["--fields", "fields.json", "--out", "acme.yaml"]).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("KiB; a mapping file has 1024 KiB at most: take fewer fields by --fields"), "{err}");
    assert!(!desk.path("acme.yaml").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_does_not_answer_is_an_error_of_its_own() {
    let desk = Desk::udesk().await;
    let fault = json!({ "path": "/api/v1/tickets", "times": 0, "fault": { "status": 500, "body": "x" } });
    let faults = format!("{}/_sandbox/faults", desk.sandbox.bangwo8_url());
    assert_eq!(send(http_client().post(faults).json(&fault)).await.status, 201);
    let (code, err) = desk.refused(&[]).await;
    assert_eq!(code, Some(1), "{err}");
    assert!(err.starts_with("deskbridge: ") && err.lines().count() == 1, "{err}");
}
