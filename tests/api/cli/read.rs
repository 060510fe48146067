//! `read`: what it prints of either vendor, what it never prints, and how it refuses.

use std::process::{Output, Stdio};

use deskbridge::sandbox::{self, Counts, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::harness::*;

const BOTH_FAMILIES: &str = "{ base_url: UDESK, v1: { secret: file:udesk-secret }, \
                             v2: { email: file:udesk-email, token: file:udesk-token } }";

/// The simulators and a connections file for them; no service.
struct Desk {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Desk {
    async fn start() -> Self {
        Self::with("", Options { api: BOTH_FAMILIES.into(), ..Options::default() }).await
    }

    async fn with(generate: &str, options: Options) -> Self {
        let generate = Counts::parse(generate).expect("counts");
        let sandbox = sandbox::start(sandbox::Options { generate, ..sandbox::Options::default() }).await;
        let (sandbox, folder) =
            (sandbox.expect("the sandbox starts"), tempfile::tempdir().expect("a folder"));
        write_config(folder.path(), &sandbox, &options);
        Self { sandbox, folder }
    }

    fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = deskbridge(&["read", CONNECTION]);
        command.args(arguments).arg("--config").arg(self.folder.path().join("deskbridge.yaml"));
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        run_to_end(self.command(arguments)).await
    }

    /// The elements that a command prints.
    async fn read(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The ids of the elements that a command prints.
    async fn ids(&self, line: &str) -> Vec<String> {
        let arguments: Vec<&str> = line.split(' ').collect();
        let id = |element: &Value| match &element["id"] {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        };
        self.read(&arguments).await.iter().map(id).collect()
    }

    /// What the Bangwo8 simulator was asked below a path.
    async fn requests(&self, path: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/requests", self.sandbox.bangwo8_url());
        let answer = send(http_client().get(url).query(&[("path", path)])).await;
        answer.json.as_array().expect("a list of requests").clone()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// A line of arguments, and the member and value that the first element has.
const RESOURCES: &[(&str, &str, &str)] = &[
    ("bangwo8/tickets", "/subject", "咨询企业版报价"),
    ("bangwo8/company-tickets 14650146", "/subject", "发票抬头填写错误"),
    ("bangwo8/contact-tickets 21130282", "/subject", "打印机脱机"),
    ("bangwo8/ticket 5237431", "/ticket_status/name", "new"),
    ("bangwo8/ticket-v2 5237431", "/subject", "测试工单"),
    ("bangwo8/attachment 70000", "/file_name", "现场照片.png"),
    ("bangwo8/ticketviews", "/title", "最近解决的工单"),
    ("bangwo8/ticketview 9", "/title", "您组中未解决的工单"),
    ("bangwo8/ticketview-tickets 2", "/subject", "测试工单"),
    ("bangwo8/ticketview-count 2", "/ticket_count", "23"),
    ("bangwo8/ticketview-counts 2 9", "/ticket_count", "23"),
    ("bangwo8/ticket-fields", "/key", "field_1"),
    ("bangwo8/ticket-fields-with-system", "/key", "subject"),
    ("bangwo8/ticket-templates", "/name", "默认工单模板"),
    ("bangwo8/companies", "/company_name", "金万维"),
    ("bangwo8/company 14650146", "/company_name", "长春华信电梯有限公司"),
    ("bangwo8/companies-by-id 112 404", "/company_name", "金万维测试"),
    ("bangwo8/company-search gnkefu2 --field serviceaccount", "/company_name", "金万维测试"),
    ("bangwo8/company-named 金万维", "/id", "111"),
    ("bangwo8/company-fields", "/name", "产品类型"),
    ("bangwo8/contacts", "/name", "赵敏"),
    ("bangwo8/contact 21130282", "/email", "chenjing@example.com"),
    ("bangwo8/customer-groups", "/name", "VIP客户"),
    ("bangwo8/customer-group 5", "/name", "个人用户"),
    ("bangwo8/customer-groups-by-id 2", "/name", "普通客户"),
    ("bangwo8/bindings --source dingding --contact 30851821", "/open_id", "10014850"),
    ("bangwo8/support-agents", "/name", "张伟"),
    ("bangwo8/support-agent 565124", "/login", "lina"),
    ("bangwo8/asset-rows 1021 --owner-type contacter --owner 21130282", "/columns/field_1", "DT-0200"),
    (
        "bangwo8/extension-rows --address \
         https://b8.example/osp2016/SDK/Tables/ticketAssetTable.php?tableId=1021&cPara=field_1:company_x",
        "/company_fields/0/value",
        "DT-0001",
    ),
    ("udesk/v1/tickets", "/subject", "演示工单"),
    ("udesk/v1/customer-tickets test@sample.com", "/customer/email", "test@sample.com"),
    ("udesk/v1/ticket 1", "/status", "solving"),
    ("udesk/v1/ticket-fields", "/options/0/name", "下拉选项1"),
    ("udesk/v1/ticket-filters", "/name", "我的未解决工单"),
    ("udesk/v1/filter-tickets 2", "/subject", "演示工单"),
    ("udesk/v1/customers", "/email", "customer@sample.com"),
    ("udesk/v2/tickets", "/number", "#20001"),
    ("udesk/v2/filter-tickets 2", "/subject", "演示工单"),
    ("udesk/v2/ticket 1", "/customer/id", "5"),
    ("udesk/v2/replies 1", "/author/user_type", "customer"),
    ("udesk/v2/survey", "/options/0/name", "满意"),
    ("udesk/v2/custom-fields --category customer", "/label", "来源"),
    ("udesk/v2/custom-field 9", "/options/0/default", "true"),
    ("udesk/v2/customers", "/name", "测试用户"),
    ("udesk/v2/customer 13900000002", "/name", "周芳"),
    ("udesk/v2/organizations", "/token", "123456s7hgfd"),
    ("udesk/v2/organization --name 海淀科技有限公司", "/id", "2"),
    ("udesk/v2/agents", "/role", "客服"),
    ("udesk/v2/user-groups", "/agents/0/name", "测试客服"),
    ("udesk/v2/user-group 1", "/agents/0/email", "agent@sample.com"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_is_read() {
    let desk = Desk::start().await;
    for (line, pointer, expected) in RESOURCES {
        let arguments: Vec<&str> = line.split(' ').collect();
        let elements = desk.read(&arguments).await;
        let first = elements.first().unwrap_or_else(|| panic!("{line}: nothing"));
        let found = first.pointer(pointer).unwrap_or_else(|| panic!("{line}: no {pointer} in {first}"));
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        assert_eq!(found, *expected, "{line}");
    }
}

#[tokio::test]
async fn without_a_resource_nothing_is_read_and_all_of_them_are_listed() {
    let output = run_to_end(deskbridge(&["read", CONNECTION])).await;
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let list = text(&output.stderr);
    assert!(
        list.starts_with("deskbridge: say what of acme to read: deskbridge read acme RESOURCE\n"),
        "{list}"
    );
    let names = list.lines().filter(|line| line.starts_with("bangwo8/") || line.starts_with("udesk/"));
    let listed: Vec<&str> = names.filter_map(|line| line.split(' ').next()).collect();
    let read: Vec<&str> = RESOURCES.iter().filter_map(|(line, _, _)| line.split(' ').next()).collect();
    assert_eq!(listed, read, "what is listed is what is tested, in this order");
    for usage in [
        "bangwo8/company <ID>\n",
        "bangwo8/companies-by-id <IDS>…\n",
        "bangwo8/bindings --source SYSTEM [--contact ID] [--open-id ID]\n",
        "udesk/v2/organization [ID] [--name NAME] [--token TOKEN]\n",
    ] {
        assert!(list.contains(usage), "{usage} in {list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_has_every_field_by_its_name_and_times_in_rfc_3339() {
    let desk = Desk::start().await;
    let view = desk.read(&["bangwo8/ticketview", "13"]).await;
    let expected = json!({
        "id": "13", "title": "售前", "active": false, "ticket_count": 3,
        "created_at": "2019-12-08T08:11:23Z", "updated_at": "2019-12-08T08:13:40Z"
    });
    assert_eq!(view, [expected]);
    let company = desk.read(&["bangwo8/company", "12352630"]).await.remove(0);
    let code = company["custom_fields"].as_array().expect("a list").iter().find(|it| it["key"] == "deptid");
    assert_eq!(code, Some(&json!({ "key": "deptid", "value": "HX-01" })));
    let ticket = desk.read(&["udesk/v1/ticket", "1"]).await.remove(0);
    assert_eq!(ticket["created_at"], "2016-07-28T12:44:08Z");
    assert_eq!(ticket["custom_fields"]["SelectField_3"], "0,3");
    assert_eq!(ticket["priority"], "urgency");
    let field = desk.read(&["udesk/v2/custom-fields"]).await;
    let kinds: Vec<&Value> = field.iter().map(|field| &field["kind"]).collect();
    for kind in ["one", "many", "path", "area_text"] {
        assert!(kinds.contains(&&json!(kind)), "{kind} in {kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_tokens_are_not_printed() {
    let desk = Desk::start().await;
    let state = desk.sandbox.state().to_string();
    assert!(state.contains("sample-password"), "there is a password to print");
    let companies = text(&desk.run(&["bangwo8/companies", "--with-deleted"]).await.stdout).to_owned();
    assert!(companies.contains("gnkefu") && !companies.contains("password"), "{companies}");
    assert!(!companies.contains("12345\""), "{companies}");
    let attachment = desk.read(&["bangwo8/attachment", "70000"]).await.remove(0);
    assert!(attachment.get("token").is_none(), "{attachment}");
    let agents = desk.read(&["udesk/v2/agents", "--with-disabled"]).await;
    assert!(agents.iter().any(|agent| agent["sip"]["number"].is_string()), "{agents:?}");
    assert!(!json!(agents).to_string().contains("password"), "{agents:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_sorted_as_told() {
    let desk = Desk::start().await;
    for (line, ids) in [
        ("bangwo8/companies --updated-start 2022-11-01 --updated-end 2022-11-30", "9516936 12352625"),
        ("bangwo8/companies --created-end 2010-12-31 --created-order desc", "112 111"),
        ("bangwo8/companies --created-start 2022-12-05 --with-deleted", "12352641 14650146"),
        ("bangwo8/company-search 金万维 --day 2010-01-01 --comparison before", "111"),
        ("bangwo8/company-search 金万维 --day 2011-07-13 --day-of updated", "112"),
        ("bangwo8/company-search 金万维 --sort created --order asc", "111 112"),
        ("bangwo8/company-search 金万维 --sort created", "112 111"),
        ("bangwo8/company-named 金万", ""),
        ("bangwo8/tickets --created-start 2019-12-19 --created-end 2019-12-19", "5237431"),
        (
            "bangwo8/tickets --created-start 2019-12-19T14:28:51+08:00 --created-end 2019-12-19T14:28:51",
            "5237431",
        ),
        ("bangwo8/tickets --created-start 2019-12-19T14:28:52", ""),
        ("bangwo8/tickets --created-order desc --limit 1", "5237431"),
        ("bangwo8/bindings --source dingding --open-id 10014850 --contact 21130282", ""),
        ("udesk/v2/organizations --query 海淀", "2"),
        ("udesk/v2/organization 1", "1"),
        ("udesk/v2/organization --token 123456s7hgfd", "1"),
        ("udesk/v2/agents", "1 2 4"),
        ("udesk/v2/agents --with-disabled", "1 2 3 4"),
    ] {
        assert_eq!(desk.ids(line).await.join(" "), ids, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_an_extension_are_those_its_page_offers_with_what_they_fill_in() {
    let desk = Desk::start().await;
    let address = "https://www.bangwo8.com/osp2016/SDK/Tables/ticketAssetTable.php?tableName=elevators\
                   &cPara=field_1:company_price,_id:company_x&filter=field_2:hx,ownerType:company,\
                   owner:{ {company.companyId}}";
    let of = async |more: &[&str]| {
        let arguments = [&["bangwo8/extension-rows", "--address", address], more].concat();
        desk.read(&arguments).await
    };
    let rows = of(&["--table", "1021", "--company", "14650146"]).await;
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[1]["company_fields"],
        json!([{ "key": "company_price", "value": "DT-0002" }, { "key": "company_x", "value": "2" }])
    );
    let everybody = of(&["--table", "1021"]).await;
    assert_eq!(everybody.len(), 4, "the page has no company");
    let unknown = desk.run(&["bangwo8/extension-rows", "--address", address]).await;
    let said = text(&unknown.stderr);
    assert_eq!(unknown.status.code(), Some(2), "{said}");
    assert!(said.contains("elevators") && said.contains("--table"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_pages_are_asked_for_than_the_limit_needs() {
    let generate = "companies=350";
    let desk = Desk::with(generate, Options::default()).await;
    assert_eq!(desk.read(&["bangwo8/companies", "--limit", "150"]).await.len(), 150);
    assert_eq!(desk.requests("/api/v1/companies.json").await.len(), 2, "pages of 100");
    assert_eq!(desk.read(&["bangwo8/companies", "--limit", "0"]).await.len(), 0);
    assert_eq!(desk.requests("/api/v1/companies.json").await.len(), 2, "nothing was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_has_seen_enough_ends_it_quietly() {
    let desk = Desk::with("companies=3000", Options::default()).await;
    let mut command = desk.command(&["bangwo8/companies"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut line = String::new();
    let mut lines = BufReader::with_capacity(1, child.stdout.take().expect("a pipe"));
    lines.read_line(&mut line).await.expect("a line");
    drop(lines);
    let ended = child.wait_with_output().await.expect("it ends");
    assert_eq!((text(&ended.stderr), ended.status.code()), ("", Some(0)));
    assert!(desk.requests("/api/v1/companies.json").await.len() < 31, "the rest was not asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_exits_with_2_and_says_what_is_allowed() {
    let desk = Desk::start().await;
    for (line, said) in [
        ("bangwo8/compnies", "there is no resource bangwo8/compnies; did you mean bangwo8/companies?"),
        (
            "compnies",
            "there is no resource compnies; did you mean bangwo8/companies? deskbridge read acme lists all",
        ),
        ("印章", "there is no resource 印章\n\nbangwo8/"),
        ("印章", "\nudesk/v1/ticket <ID>\n"),
        ("bangwo8/companies --updated-strat 2024-01-01", "'--updated-start'"),
        ("bangwo8/companies --updated-start 2024", "--updated-start"),
        (
            "bangwo8/companies --updated-start 2024-02-01 --updated-end 2024-01-31",
            "--updated-start must not be after",
        ),
        (
            "bangwo8/tickets --created-start 2024-02-01 --created-end 2024-01-31",
            "--created-start must not be after",
        ),
        ("bangwo8/tickets --created-start 2024-13-01", "write a day such as 2024-01-31"),
        ("bangwo8/tickets --created-order up", "[possible values: asc, desc]"),
        ("bangwo8/company", "<ID>"),
        ("bangwo8/company 1 2", "'2'"),
        ("bangwo8/company-search 金万维 --field a:b", "must not contain ':'"),
        ("bangwo8/company-search 金万维 --comparison after", "--day <DAY>"),
        ("bangwo8/bindings --source open", "--contact <ID>|--open-id <ID>"),
        ("bangwo8/bindings --source qq --open-id 1", "workWechat"),
        ("bangwo8/asset-rows 0", "0"),
        ("bangwo8/asset-rows 1021 --owner 111", "--owner-type"),
        (
            "bangwo8/extension-rows --address https://b8.example/",
            "--address: `/` is not the extension's page",
        ),
        ("bangwo8/companies --limit many", "--limit"),
        ("udesk/v1/ticket one", "one"),
        ("udesk/v2/organization", "--name <NAME>|--token <TOKEN>"),
        ("udesk/v2/organization 1 --name x", "cannot be used with"),
        ("udesk/v2/custom-fields --category agent", "organization"),
    ] {
        let output = desk.run(&line.split(' ').collect::<Vec<_>>()).await;
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {err}");
        assert!(err.contains(said), "{line}: {err}");
        assert!(output.stdout.is_empty(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_connections_file_lacks_is_told() {
    let desk = Desk::with("", Options::default()).await;
    let config = desk.folder.path().join("deskbridge.yaml");
    let config = config.to_str().expect("a path");
    let said = async |arguments: &[&str]| {
        let output = run_to_end(deskbridge(&[arguments, &["--config", config]].concat())).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        text(&output.stderr).to_owned()
    };
    let unknown = said(&["read", "acne", "bangwo8/companies"]).await;
    assert!(unknown.contains("has no connection acne, only acme; did you mean acme?"), "{unknown}");
    let api = said(&["read", CONNECTION, "udesk/v1/tickets"]).await;
    assert!(api.contains("the source of the connection acme has no api"), "{api}");
    let only_v2 = "{ base_url: UDESK, v2: { email: file:udesk-email, token: file:udesk-token } }";
    write_config(desk.folder.path(), &desk.sandbox, &Options { api: only_v2.into(), ..Options::default() });
    let v1 = said(&["read", CONNECTION, "udesk/v1/tickets"]).await;
    assert!(v1.contains("misconfigured") && v1.lines().count() == 1, "{v1}");
    assert_eq!(desk.ids("udesk/v2/ticket 1").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_vendor_is_one_line_and_exit_code_1() {
    let desk = Desk::start().await;
    for (line, said) in [
        ("bangwo8/company 1", "GET /api/v1/companies/1.json found nothing"),
        ("bangwo8/ticketview 404", "GET /api/v1/ticketviews/404.json found nothing"),
        ("udesk/v1/ticket 404", "GET /api/v1/tickets/404.json found nothing"),
        ("udesk/v1/customer-tickets nobody@example.com", "no customer has this e-mail"),
        ("udesk/v2/customer 10000000000", "未找到相应客户"),
    ] {
        let output = desk.run(&line.split(' ').collect::<Vec<_>>()).await;
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line}: {err}");
        assert!(
            err.starts_with("deskbridge: ") && err.contains(said) && err.lines().count() == 1,
            "{line}: {err}"
        );
        assert!(output.stdout.is_empty(), "{line}");
    }
    let auth = "{ basic: { account: file:b8-account, password: file:b8-password } }";
    write_config(desk.folder.path(), &desk.sandbox, &Options { auth: auth.into(), ..Options::default() });
    std::fs::write(desk.folder.path().join("b8-account"), "sandbox-agent").expect("a file");
    std::fs::write(desk.folder.path().join("b8-password"), "sandbox-agent-password").expect("a file");
    let forbidden = desk.run(&["bangwo8/tickets"]).await;
    assert_eq!(forbidden.status.code(), Some(1));
    assert!(text(&forbidden.stderr).contains("lacks the permission"), "{}", text(&forbidden.stderr));
    std::fs::write(desk.folder.path().join("b8-password"), "wrong-password").expect("a file");
    let refused = desk.run(&["bangwo8/companies"]).await;
    let err = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{err}");
    assert!(err.contains("credentials are not accepted") && !err.contains("wrong-password"), "{err}");
}
