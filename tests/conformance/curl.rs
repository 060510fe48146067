//! The lines that the documents print for curl, run by the real curl in a real shell against the simulators. They
//! stand in `curl/` as printed.
//!
//! What is put in their place: the host, the placeholders of credentials, the sample's signature, and ids that the
//! simulated tenant hasn't. Some lines can't work as printed; their repair stands beside them, with its reason.

use std::process::Stdio;

use deskbridge::{
    sandbox::{self, Sandbox, credentials as known},
    udesk::sign,
};
use serde_json::{Value, json};
use tokio::process::Command;

/// The signature that the documents print in every line.
const SAMPLE_SIGN: &str = "sign=129da7df812jdfsa9912jfdadf81";

/// A text of a printed line, and what stands in its place.
type Change = (&'static str, &'static str);

/// A line break was lost on the page: its backslash stands before a space, which would make both one argument.
const BREAK_BEFORE_V: Change = (" \\ -v", " -v");
/// As above.
const BREAK_BEFORE_H: Change = (" \\ -H", " -H");

/// A simulated tenant of either vendor.
struct Tenant(Sandbox);

impl Tenant {
    async fn start() -> Tenant {
        Tenant(sandbox::start(sandbox::Options::default()).await.unwrap())
    }

    /// What a line for Bangwo8 prints, as the administrator.
    async fn bangwo8(&self, printed: &str, changes: &[Change]) -> Value {
        let account = format!("{}:{}", known::BANGWO8_ADMIN_ACCOUNT, known::BANGWO8_ADMIN_PASSWORD);
        let line = changed(printed, changes).replace("{account}:{password}", &account);
        run(&line.replace("https://www.bangwo8.com", &self.0.bangwo8_url())).await
    }

    /// What a line for Udesk prints, signed.
    async fn udesk(&self, printed: &str, changes: &[Change]) -> Value {
        let line = signed(&changed(printed, changes));
        run(&line.replace("https://demo.udesk.cn", &self.0.udesk_url())).await
    }
}

/// Makes every change, each of which must find what it is for.
fn changed(printed: &str, changes: &[Change]) -> String {
    changes.iter().fold(printed.to_owned(), |line, (from, to)| {
        assert!(line.contains(from), "{from:?} is not in {line}");
        line.replace(from, to)
    })
}

/// The true signature in place of the sample's; it is over the query before it. The address is quoted, because a
/// shell would take its `&` for the end of the command.
fn signed(line: &str) -> String {
    let (before, after) = line.split_once(SAMPLE_SIGN).unwrap();
    let (command, query) = before.split_once('?').unwrap();
    let signature = sign::v1(query.trim_end_matches('&'), &known::UDESK_SHARED_SECRET.into());
    format!("{}?{query}sign={signature}'{after}", command.replace("https://", "'https://"))
}

/// What the shell command prints, which must be JSON.
async fn run(line: &str) -> Value {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).stdin(Stdio::null()).kill_on_drop(true);
    let output = shell.output().await.unwrap();
    let (told, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{line}\n{error}");
    serde_json::from_str(&told).unwrap_or_else(|_| panic!("{line}\nprinted {told}\n{error}"))
}

/// The members of a list's elements.
fn members<'a>(list: &'a Value, member: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|element| &element[member]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_lines_of_ticket_views_answer_as_documented() {
    let tenant = Tenant::start().await;
    let views = tenant.bangwo8(include_str!("curl/ticketviews.sh"), &[BREAK_BEFORE_V]).await;
    assert_eq!(views["count"], "12");
    assert_eq!(
        members(&views["ticketviews"], "id"),
        ["10", "13", "15", "17", "2", "3", "4", "5", "6", "7", "8", "9"]
    );
    assert_eq!(views["ticketviews"][0]["title"], "最近解决的工单");

    let view = tenant.bangwo8(include_str!("curl/ticketview.sh"), &[BREAK_BEFORE_V]).await;
    let documented = json!({"id": "9", "title": "您组中未解决的工单", "active": "0",
        "createDT": "2019-08-16 00:00:07", "updateDT": ""});
    assert_eq!(view["ticketview"], documented);

    let tickets = tenant.bangwo8(include_str!("curl/ticketview_tickets.sh"), &[BREAK_BEFORE_V]).await;
    assert!(members(&tickets["tickets"], "ticketId").contains(&&json!("5237431")));
    assert_eq!(tickets["previous_page"], "");

    let count = tenant.bangwo8(include_str!("curl/ticketview_count.sh"), &[BREAK_BEFORE_V]).await;
    assert_eq!(count, json!({"ticketview_count": [{"ticketview_id": "15", "count": "7"}]}));

    // Braces are curl's own signs for several addresses, so it is told to leave them to the vendor.
    let globoff = ("curl ", "curl --globoff ");
    let counts = tenant.bangwo8(include_str!("curl/ticketview_counts.sh"), &[globoff]).await;
    let documented = json!([{"ticketview_id": "15", "count": "7"}, {"ticketview_id": "2", "count": "23"}]);
    assert_eq!(counts["ticketview_counts"], documented);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_lines_of_companies_answer_as_documented() {
    let tenant = Tenant::start().await;
    let companies = tenant.bangwo8(include_str!("curl/companies.sh"), &[BREAK_BEFORE_V]).await;
    assert_eq!(companies["companies"][2]["companyName"], "测试公司2");
    assert_eq!(companies["companies"][3]["servicestarttime"], "0000-00-00");

    let id = ("companies/223.json", "companies/12352625.json");
    let company = tenant.bangwo8(include_str!("curl/company.sh"), &[BREAK_BEFORE_V, id]).await;
    assert_eq!(company["company"]["uId"], "12352625");
    assert_eq!(company["company"]["companyName"], "测试公司a");

    let ids = ("ids=1,2,3", "ids=111,112,3");
    let several = tenant.bangwo8(include_str!("curl/companies_by_id.sh"), &[BREAK_BEFORE_V, ids]).await;
    assert_eq!(members(&several["companies"], "uId"), [&json!(111), &json!(112)]);

    // Another lost line break, in the midst of the JSON.
    let in_json = ("\", \\ -\"", "\",\"");
    let fields = ("\"field_1\",\"value\":\"华中\"", "\"deptid\",\"value\":\"华中\"");
    let checkbox = ("field_3", "fxk");
    let new = tenant
        .bangwo8(include_str!("curl/create_company.sh"), &[BREAK_BEFORE_H, in_json, fields, checkbox])
        .await;
    assert_eq!(new["company"]["companyName"], "测试公司API");
    assert!(new["company"]["uId"].as_str().unwrap().parse::<u64>().unwrap() > 0);

    let id = ("companies/123.json", "companies/12352625.json");
    let groups = ("344124,344214,344217", "344124,344125");
    let updated = tenant.bangwo8(include_str!("curl/update_company.sh"), &[BREAK_BEFORE_H, id, groups]).await;
    assert_eq!(updated["company"]["companyName"], "北京金万维科技有限公司");
    assert_eq!(updated["company"]["service_groupid"], "344124,344125");

    let text = ("query=132 ", "query=测试公司2 ");
    let break_before_g = (" \\ -G", " -G");
    let found =
        tenant.bangwo8(include_str!("curl/company_search.sh"), &[break_before_g, BREAK_BEFORE_V, text]).await;
    assert_eq!(members(&found["results"], "uId"), ["9516936"]);
    assert_eq!(found["count"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_lines_of_ticket_fields_answer_as_documented() {
    let tenant = Tenant::start().await;
    let fields = tenant.bangwo8(include_str!("curl/ticket_fields.sh"), &[]).await;
    assert!(members(&fields, "id").contains(&&json!("24917015")));

    // The backslash at the end of the line is missing.
    let all = tenant.bangwo8(include_str!("curl/ticket_fields2.sh"), &[("json\n", "json \\\n")]).await;
    assert!(members(&all, "system").contains(&&json!("1")));

    // Of the tenant's fields this id is the cascade's, whose line is below.
    let dropdown = ("24917015", "9481737");
    let replaced = tenant.bangwo8(include_str!("curl/replace_field_options.sh"), &[dropdown]).await;
    assert_eq!((&replaced["columnId"], &replaced["type"]), (&json!("9481737"), &json!("1")));
    assert_eq!(members(&replaced["custom_field_options"], "optionName"), ["选项1", "选项2", "选项3"]);
    assert_eq!(members(&replaced["custom_field_options"], "extendId"), ["001", "002", "003"]);

    let again = tenant.bangwo8(include_str!("curl/upsert_dropdown_options.sh"), &[dropdown]).await;
    assert_eq!(again, replaced, "what is there already is there once");

    let cascade = tenant.bangwo8(include_str!("curl/upsert_cascade_options.sh"), &[]).await;
    assert_eq!(cascade["type"], "18");
    assert_eq!(members(&cascade["custom_field_options"], "extendId"), ["001", "011"]);

    // A shell takes an unquoted `&` for the end of the command, and a backslash is missing again.
    let quoted = (
        "https://www.bangwo8.com/api/v1/tickets/ticket_fields/9481737/options.json?extendId=003&optionId=358771",
        "'https://www.bangwo8.com/api/v1/tickets/ticket_fields/9481737/options.json?extendId=003&optionId=358771'",
    );
    let joined = ("form-data\"\n", "form-data\" \\\n");
    let deleted =
        tenant.bangwo8(include_str!("curl/delete_field_option.sh"), &[dropdown, quoted, joined]).await;
    assert_eq!((&deleted["optionName"], &deleted["extendId"]), (&json!("选项3"), &json!("003")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_lines_of_udesk_tickets_answer_as_documented() {
    let tenant = Tenant::start().await;
    let list = tenant.udesk(include_str!("curl/udesk_tickets.sh"), &[]).await;
    assert_eq!((&list["status"], &list["message"]), (&json!(0), &json!("成功")));
    assert_eq!(list["size"], 10);
    let ticket = tenant.udesk(include_str!("curl/udesk_ticket.sh"), &[]).await;
    assert_eq!((&ticket["contents"]["id"], &ticket["contents"]["subject"]), (&json!(1), &json!("演示工单")));
    let customers = tenant.udesk(include_str!("curl/udesk_customer_tickets.sh"), &[]).await;
    assert!(members(&customers["contents"], "id").contains(&&json!(1)));

    let created = tenant.udesk(include_str!("curl/udesk_create_ticket.sh"), &[]).await;
    assert_eq!((&created["status"], &created["message"]), (&json!(0), &json!("工单创建成功")));
    assert!(created["ticket_id"].is_u64());
    for written in [
        tenant.udesk(include_str!("curl/udesk_update_ticket.sh"), &[]).await,
        tenant.udesk(include_str!("curl/udesk_customer_reply.sh"), &[]).await,
    ] {
        assert_eq!(written, json!({"status": 0, "message": "成功"}));
    }
    let second = ("tickets/1.json", "tickets/2.json");
    let updated = tenant.udesk(include_str!("curl/udesk_ticket.sh"), &[second]).await;
    assert_eq!(updated["contents"]["priority"], "紧急");

    let fields = tenant.udesk(include_str!("curl/udesk_ticket_fields.sh"), &[]).await;
    assert!(members(&fields["ticket_fields"], "field_name").contains(&&json!("TextField_1")));
    let filters = tenant.udesk(include_str!("curl/udesk_ticket_filters.sh"), &[]).await;
    assert_eq!(filters["contents"][0]["name"], "我的未解决工单");
    let filtered = tenant.udesk(include_str!("curl/udesk_filter_tickets.sh"), &[]).await;
    assert_eq!(filtered["status"], 0);
}
