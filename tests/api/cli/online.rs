//! `check --online`: what it finds at the vendors, where it says so, and how it ends.

use std::fs;

use deskbridge::sandbox::{self, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::*;

const V1: &str = "{ base_url: UDESK, v1: { secret: file:udesk-secret } }";
const V2: &str = "{ base_url: UDESK, v2: { email: file:udesk-email, token: file:udesk-token } }";
const SHIPPED: &str = include_str!("../../../mappings/udesk-bangwo8.yaml");

/// The simulators and a connections file for them, with the shipped mapping as a file of its own.
struct Desk {
    sandbox: Sandbox,
    folder: TempDir,
}

/// What the command said and how it ended.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    async fn start(api: &str) -> Self {
        Self::with(Options { api: api.into(), ..Options::default() }).await
    }

    async fn with(options: Options) -> Self {
        let sandbox = sandbox::start(sandbox::Options::default()).await.expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        write_config(folder.path(), &sandbox, &options);
        let desk = Self { sandbox, folder };
        desk.write_mapping(SHIPPED);
        desk
    }

    fn write_mapping(&self, text: &str) {
        let folder = self.folder.path().join("mappings");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("udesk-bangwo8.yaml"), text).expect("a mapping");
    }

    async fn check(&self, arguments: &[&str]) -> Said {
        let mut command = deskbridge(&["check", "--online"]);
        command.args(arguments).arg("--config").arg(self.folder.path().join("deskbridge.yaml"));
        let output = run_to_end(command).await;
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// A line of the output as it has to be: the place of `needle` in a file of the folder, and what is said.
    fn line(&self, file: &str, needle: &str, said: &str) -> String {
        let path = self.folder.path().join(file);
        let text = fs::read_to_string(&path).expect("the file");
        let at = text.find(needle).unwrap_or_else(|| panic!("no {needle:?} in {file}"));
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = text[..at].matches('\n').count() + 1;
        format!("{}:{line}:{}: {said}", path.display(), text[start..at].chars().count() + 1)
    }
}

#[tokio::test]
async fn vendors_that_have_what_the_mapping_counts_on_are_a_line_each_connection() {
    let desk = Desk::start(V1).await;
    FieldLists::agreeing().serve(&desk.sandbox).await;
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let config = desk.folder.path().join("deskbridge.yaml");
    let expected = format!(
        "acme: 11 fields, 3 with options: as both vendors have them\n{}: good: 1 connection (acme), 3 API keys\n",
        config.display()
    );
    assert_eq!((said.out, said.err), (expected, String::new()));
}

/// One drift: what is done to the lists, where in the mapping it is told, and what is told.
type Drift = (fn(&mut FieldLists), &'static str, &'static str);

const ERRORS: &[Drift] = &[
    (
        |lists| lists.target.retain(|field| field["key"] != "field_9"),
        "{ to: field_9,",
        "error: acme: ticket field field_9: the target has no field of this key; did you mean field_",
    ),
    (
        |lists| lists.target("field_9")["key"] = json!("field_99"),
        "{ to: field_9,",
        "; did you mean field_99?",
    ),
    (
        |lists| {
            lists.target("field_9")["name"] = json!("SelectField_1的名称");
            lists.target("field_9")["key"] = json!("gjfx");
        },
        "{ to: field_9,",
        "; did you mean gjfx (SelectField_1的名称)?",
    ),
    (
        |lists| lists.target.push(fields::target("field_9", "2", &[])),
        "{ to: field_9,",
        "error: acme: ticket field field_9: the target has 2 fields of this key, field_9 (field_9的名称) and",
    ),
    (
        |lists| lists.target("field_3")["type"] = json!("1"),
        "{ to: field_3,",
        "is of the type one option: give the row as: choice and options",
    ),
    (
        |lists| lists.target("field_9")["type"] = json!("18"),
        "{ to: field_9,",
        "is of the type cascade: give the row",
    ),
    (
        |lists| lists.target("field_1")["type"] = json!("23"),
        "{ to: field_1 }",
        "is of the type signature: no row can write one",
    ),
    (
        |lists| lists.target("field_1")["type"] = json!("8"),
        "{ to: field_1 }",
        "is of the type date: not every text is one",
    ),
    (
        |lists| lists.target("field_9")["custom_field_options"][1]["value"] = json!("下拉选项二"),
        "{ to: field_9,",
        "error: acme: ticket field field_9: the target's field_9 (field_9的名称) has no option 下拉选项2; did you mean 下拉选项",
    ),
    (
        |lists| lists.source("SelectField_1")["content_type"] = json!("chained_droplist"),
        "SelectField_1:",
        "is of the type cascade, which the row can't read: give the row as: cascade and options",
    ),
    (
        |lists| lists.source("SelectField_1")["options"][1] = json!({ "1": "下拉选项3" }),
        "SelectField_1:",
        "error: acme: ticket field SelectField_1: option 1 is 下拉选项2 in the row and 下拉选项3 at the source: values would",
    ),
    (
        |lists| lists.offer("SelectField_1", "下拉选项4"),
        "SelectField_1:",
        "error: acme: ticket field SelectField_1: the source's SelectField_1 (SelectField_1的名称) has an option 3 下拉选项4",
    ),
];

const WARNINGS: &[Drift] = &[
    (
        |lists| lists.target("field_9")["isReadonly"] = json!("1"),
        "{ to: field_9,",
        "warning: acme: ticket field field_9: the target's field_9 (field_9的名称) may not be written: it is read-only",
    ),
    (
        |lists| {
            let options = lists.target("field_9")["custom_field_options"].as_array_mut().expect("options");
            options.push(json!({ "key": "5", "value": "下拉选项1" }));
        },
        "{ to: field_9,",
        "has 2 options 下拉选项1: which of them is chosen is not known",
    ),
    (
        |lists| {
            lists
                .target
                .push(json!({ "id": 1, "key": "field_12", "name": "销售阶段", "type": 1, "isRequired": 0 }))
        },
        "at: /custom_fields",
        "warning: acme: ticket fields: the target calls fields mandatory that no row writes: field_12 (销售阶段);",
    ),
    (
        |lists| lists.source.retain(|field| field["field_name"] != "TextField_8"),
        "TextField_8:",
        "warning: acme: ticket field TextField_8: the source has no such field; did you mean TextField_",
    ),
    (
        |lists| lists.source.push(fields::source("TextField_12", "text", json!([]))),
        "at: /custom_fields",
        "warning: acme: ticket fields: no row reads the source's TextField_12 (TextField_12的名称): its values are left out",
    ),
    (
        |lists| lists.source("SelectField_1")["options"][1] = json!({ "1": "第二个" }),
        "SelectField_1:",
        "option 1 is 下拉选项2 in the row and 第二个 at the source: make sure that they mean the same",
    ),
    (
        |lists| lists.source("SelectField_2")["options"] = json!([{ "0": "单选框选项1" }]),
        "SelectField_2:",
        "has no option 1 (单选框选项2 in the row) any more",
    ),
];

#[tokio::test]
async fn each_drift_is_told_at_the_row_that_it_is_about() {
    let desk = Desk::start(V1).await;
    for (drifts, code) in [(ERRORS, 1), (WARNINGS, 0)] {
        for (change, at, told) in drifts {
            let mut lists = FieldLists::agreeing();
            change(&mut lists);
            lists.serve(&desk.sandbox).await;
            let said = desk.check(&[]).await;
            // A row's text of a custom field in a list of dates is a warning among the errors.
            let code = if told.contains("not every text") { 0 } else { code };
            assert_eq!(said.code, Some(code), "{told}: {}{}", said.out, said.err);
            let place = desk.line("mappings/udesk-bangwo8.yaml", at, "");
            let line = said.out.lines().find(|line| line.contains(told));
            let line = line.unwrap_or_else(|| panic!("{told:?} in {}", said.out));
            assert!(line.starts_with(&place), "{line} starts with {place}");
        }
    }
}

#[tokio::test]
async fn the_field_in_which_new_tickets_carry_a_sign_is_compared_too() {
    for (key, told) in [
        ("field_21", ""),
        (
            "field_98",
            "no ticket field of the key field_98, and refuses new tickets with it; did you mean field_",
        ),
        ("field_21的名称", "; field_21 is called that: write its key"),
        ("field_9", "the target's field_9 (field_9的名称) is of the type one option: name a field of text"),
        ("field_22", "the target has 2 fields of the key field_22: name one that is alone"),
    ] {
        let link_marker = format!("{{ custom_field: {key} }}");
        let desk = Desk::with(Options { api: V1.into(), link_marker, ..Options::default() }).await;
        let mut lists = FieldLists::agreeing();
        lists.target.extend(["field_21", "field_22", "field_22"].map(|key| fields::target(key, "2", &[])));
        lists.serve(&desk.sandbox).await;
        let said = desk.check(&[]).await;
        assert_eq!(said.code, Some(i32::from(!told.is_empty())), "{key}: {}{}", said.out, said.err);
        let line = said.out.lines().find(|line| line.contains(" error: acme: link_marker: "));
        assert_eq!(line.is_some(), !told.is_empty(), "{key}: {}", said.out);
        assert!(line.unwrap_or_default().contains(told), "{told} in {}", said.out);
    }
}

#[tokio::test]
async fn the_simulators_own_lists_are_compared_by_v2_as_well() {
    let desk = Desk::start(V2).await;
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    for told in [
        "error: acme: ticket field SelectField_3: the source's SelectField_3 (多选框字段) has an option 4 电话,邮件均可 that",
        "warning: acme: ticket field SelectField_1: the source's SelectField_1 (下拉列表字段) has an option 3 已停用选项 that",
        "no row reads the source's SelectField_4 (级联字段)",
    ] {
        assert!(said.out.contains(told), "{told} in {}", said.out);
    }
    assert!(said.out.contains("\nacme: 11 fields, 3 with options: 1 error, "), "{}", said.out);
    assert!(said.err.ends_with("deskbridge.yaml: 1 error\n"), "{}", said.err);
}

#[tokio::test]
async fn a_cascade_is_compared_level_by_level() {
    let desk = Desk::start(V2).await;
    let row = "SelectField_4: { to: field_36, as: cascade, options: { 0: 北京市, \"0,0\": 海淀, 1: 吉林省, \"1,0\": 丰台 } }";
    desk.write_mapping(&SHIPPED.replace("    rows:\n", &format!("    rows:\n      {row}\n")));
    let said = desk.check(&[]).await;
    let told = |told: &str| assert!(said.out.contains(told), "{told} in {}", said.out);
    told("the target's field_36 (所在地区) has no option 吉林省 / 丰台");
    assert!(!said.out.contains("no option 北京市 / 海淀"), "{}", said.out);
    told("option 0,0 is 海淀 in the row and 市辖区 at the source: make sure that they mean the same");
    told("has an option 0,0,1 海淀区 that the row doesn't have");
}

#[tokio::test]
async fn options_by_both_vendors_lists_have_the_same_names_there() {
    let desk = Desk::start(V1).await;
    let listed = "options: { 0: 下拉选项1, 1: 下拉选项2, 2: 下拉选项3 }";
    assert!(SHIPPED.contains(listed));
    desk.write_mapping(&SHIPPED.replace(listed, "options: vendor"));
    let mut lists = FieldLists::agreeing();
    lists.serve(&desk.sandbox).await;
    assert_eq!(desk.check(&[]).await.code, Some(0));
    lists.offer("SelectField_1", "其他");
    lists.serve(&desk.sandbox).await;
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    let line =
        desk.line("mappings/udesk-bangwo8.yaml", "{ to: field_9,", "error: acme: ticket field field_9: ");
    assert!(
        said.out.contains(&format!("{line}the target's field_9 (field_9的名称) has no option 其他")),
        "{}",
        said.out
    );
}

#[tokio::test]
async fn ids_of_the_parameters_are_looked_up_at_the_target() {
    let parameters = "{ ticket_template_id: 5, agents: { 1: 565123, 李娜: 777 }, groups: { 1: 888 }, \
                      contacts: { test@sample.com: 999 }, default_contact_id: 21101341 }";
    let desk =
        Desk::with(Options { api: V1.into(), parameters: parameters.into(), ..Options::default() }).await;
    FieldLists::agreeing().serve(&desk.sandbox).await;
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    for (needle, told) in [
        (
            "5, agents",
            "error: acme: the parameter ticket_template_id has the template 5, which Bangwo8 doesn't have: it has 4 ",
        ),
        ("{ 1: 565123", "error: acme: the parameter agents has the agent 777, which Bangwo8 doesn't have"),
        ("{ 1: 888", "warning: acme: the parameter groups has the group 888, which no support agent is in"),
        (
            "{ test@sample.com",
            "error: acme: the parameter contacts has the contact 999, which Bangwo8 doesn't have",
        ),
    ] {
        let line = desk.line("deskbridge.yaml", needle, told);
        assert!(said.out.contains(&line), "{line} in {}", said.out);
    }
    assert!(said.out.contains(": 3 errors, 1 warning\n"), "{}", said.out);
}

#[tokio::test]
async fn what_the_account_may_not_read_is_a_warning_with_what_to_do() {
    let auth = "{ basic: { account: file:b8-agent, password: file:b8-agent-password } }";
    let desk = Desk::with(Options { api: V1.into(), auth: auth.into(), ..Options::default() }).await;
    FieldLists::agreeing().serve(&desk.sandbox).await;
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    for list in ["support agents", "ticket templates"] {
        let told = format!("warning: acme: Bangwo8's {list} can't be read: ");
        let line = said.out.lines().find(|line| line.contains(&told));
        let line = line.unwrap_or_else(|| panic!("{told} in {}", said.out));
        assert!(line.ends_with("lacks the permission; use the credentials of an administrator"), "{line}");
    }
}

#[tokio::test]
async fn a_vendor_that_does_not_answer_is_an_error_that_names_the_call() {
    let desk = Desk::start(V1).await;
    let client = http_client();
    for url in [desk.sandbox.bangwo8_url(), desk.sandbox.udesk_url()] {
        let rule = json!({ "times": 0, "fault": { "status": 503 } });
        send(client.post(format!("{url}/_sandbox/faults")).json(&rule)).await;
    }
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    let at = |told: &str| desk.line("deskbridge.yaml", "acme:", told);
    for told in [
        "error: acme: Bangwo8's ticket fields can't be read: ",
        "error: acme: Udesk's ticket fields can't be read: ",
    ] {
        assert!(said.out.contains(&at(told)), "{told} in {}", said.out);
    }
    assert!(said.out.contains("GET /api/v2/ticket_fields.json failed at Udesk: HTTP 503"), "{}", said.out);
}

#[tokio::test]
async fn a_source_without_an_api_is_not_judged() {
    let desk = Desk::start("").await;
    FieldLists::agreeing().serve(&desk.sandbox).await;
    let said = desk.check(&[]).await;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let warned = said.out.matches("not every text is one").count();
    assert_eq!(warned, 2, "whether TextField_7 and TextField_8 hold numbers isn't known: {}", said.out);
    assert!(said.out.contains("acme: 11 fields, 3 with options: 0 errors, 2 warnings\n"), "{}", said.out);
}

#[tokio::test]
async fn one_connection_can_be_named_and_nothing_is_changed() {
    let desk = Desk::with(Options { api: V1.into(), neighbours: vec!["globex"], ..Options::default() }).await;
    FieldLists::agreeing().serve(&desk.sandbox).await;
    let said = desk.check(&["--connection", "globex"]).await;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("globex: 11 fields") && !said.out.contains("acme: 11"), "{}", said.out);
    let both = desk.check(&[]).await.out;
    assert!(both.contains("acme: 11 fields") && both.contains("globex: 11 fields"), "{both}");
    let unknown = desk.check(&["--connection", "globe"]).await;
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("has no connection globe, only acme, globex; did you mean globex?"),
        "{}",
        unknown.err
    );
    let log = send(http_client().get(format!("{}/_sandbox/requests", desk.sandbox.bangwo8_url()))).await;
    let requests = log.json.as_array().expect("requests").clone();
    let wrote =
        |request: &&Value| request["method"] != "GET" && !request["path"].as_str().unwrap().contains("token");
    assert_eq!(requests.iter().find(wrote), None);
    assert!(requests.len() > 6, "{requests:?}");
}
