//! What becomes of one event: the ticket at Bangwo8 and its fields, the reply, or the reason why not.

use serde_json::{Value, json};

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_is_updated_through_its_link_and_not_created_again() {
    let app = TestApp::start().await;
    let record = app.delivered(&created(1, "打印机离线")).await;
    let target = record.str("/target/id").to_owned();
    let link = app.get("/links/ticket/1").await;
    assert_eq!(link.json, json!({ "kind": "ticket", "source_id": "1", "target_id": target }));
    let update = updated_with(1, 1, json!({ "subject": "打印机恢复", "status": "已解决" }));
    assert_eq!(app.delivered(&update).await.str("/target/id"), target);
    let puts = app.requests("PUT", "/api/v1/tickets").await;
    assert_eq!(puts[0]["path"], format!("/api/v1/tickets/{target}.json"));
    let ticket = app.ticket(&target).await;
    assert_eq!((&ticket["subject"], &ticket["ticketStatus"]), (&json!("打印机恢复"), &json!(4)));
    assert_eq!(app.tickets_named("打印机").await.len(), 2, "with the one that the simulator starts with");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_ticket_that_was_never_sent_has_no_link() {
    let app = TestApp::start().await;
    let link = app.get("/links/ticket/1").await;
    assert_eq!((link.status, link.str("/code")), (404, "unknown_link"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mapped_field_arrives_as_bangwo8_wants_it() {
    let app = TestApp::start().await;
    let record = app.delivered(&created_with(1, full())).await;
    assert_eq!(record.json["ignored"], json!([]));
    let expected = json!({
        "subject": "打印机离线", "descript": "这是您的第一个工单", "ticketStatus": 2, "priorityLevel": 4,
        "ticketSource": 9, "tagList": "vip客户,普通客户", "servicerUserId": 565123, "servicerGroupId": 344124,
        "custUserId": 21130282, "ticketTemplateId": 4, "custom_fields": full_custom_fields()
    });
    assert_eq!(app.written("POST").await, [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_carries_the_same_fields_as_a_creation() {
    let app = TestApp::start().await;
    app.delivered(&created_with(1, json!({}))).await;
    app.delivered(&updated_with(1, 1, full())).await;
    let update = app.last_written("PUT").await;
    assert_eq!(update["custom_fields"], full_custom_fields());
    assert_eq!(update["ticketTemplateId"], 4, "Bangwo8 wants it with custom fields");
    assert_eq!(update["tagList"], "vip客户,普通客户");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_every_status_priority_and_platform_arrives_as_its_code() {
    const SPELLINGS: &[(&str, &str, u64, &[&str])] = &[
        ("status", "ticketStatus", 2, &["open", "打开", "开启", "solving", "解决中"]),
        ("status", "ticketStatus", 4, &["resolved", "已解决"]),
        ("status", "ticketStatus", 6, &["closed", "已关闭"]),
        ("status_en", "ticketStatus", 4, &["resolved", "已解决"]),
        ("priority", "priorityLevel", 1, &["low", "低"]),
        ("priority", "priorityLevel", 2, &["medium", "标准"]),
        ("priority", "priorityLevel", 3, &["high", "高"]),
        ("priority", "priorityLevel", 4, &["urgency", "紧急"]),
        ("platform", "ticketSource", 9, &["email", "邮件"]),
        ("platform", "ticketSource", 4, &["weibo", "微博", "feedback", "反馈标签"]),
        ("platform", "ticketSource", 2, &["wechat", "微信", "im", "即时聊天"]),
        ("platform", "ticketSource", 3, &["call", "电话"]),
        ("platform", "ticketSource", 8, &["hc", "帮助中心"]),
        ("platform", "ticketSource", 7, &["manual_input", "手工录入", "api", "API"]),
    ];
    let app = TestApp::start().await;
    let all = SPELLINGS.iter().flat_map(|row| row.3.iter().map(move |spelling| (row, spelling)));
    for (id, ((member, field, code, _), spelling)) in (1u64..).zip(all) {
        app.delivered(&created_with(id, json!({ *member: spelling }))).await;
        assert_eq!(app.last_written("POST").await[field], *code, "{member}: {spelling}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn html_content_arrives_as_text_and_plain_content_is_left_as_it_is() {
    let app = TestApp::start().await;
    let html = "<p>打印机<b>离线</b>了</p><p>A &lt; B</p>";
    app.delivered(&created_with(1, json!({ "content": html, "content_type": "html" }))).await;
    assert_eq!(app.last_written("POST").await["descript"], "打印机离线了\n\nA < B");
    app.delivered(&created_with(2, json!({ "content": html, "content_type": "text" }))).await;
    assert_eq!(app.last_written("POST").await["descript"], html);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_text_for_no_date_is_neither_an_error_nor_reported() {
    let app = TestApp::start().await;
    let none = json!({ "solving_at": "", "resolved_at": null, "closed_at": "" });
    let record = app.delivered(&created_with(1, none)).await;
    assert_eq!(record.json["ignored"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_place_at_bangwo8_is_listed_with_its_pointer() {
    let app = TestApp::start().await;
    let unknown =
        json!({ "custom_fields": { "TextField_99": "x", "TextField_98": "" }, "sla": { "due/at": 1 } });
    let record = app.delivered(&created_with(1, unknown)).await;
    let expected = json!([
        { "pointer": "/custom_fields/TextField_99", "reason": "no_row" },
        { "pointer": "/sla/due~1at", "reason": "no_row" }
    ]);
    assert_eq!(record.json["ignored"], expected);
    assert_eq!(app.last_written("POST").await.get("custom_fields"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_without_an_answer_parks_the_event_and_says_which_and_why() {
    const UNKNOWN: &[(&str, &str, &str, &str)] = &[
        ("status", "审核中", "unknown_value", "/status: \"审核中\" is none of the known values"),
        ("priority", "特急", "unknown_value", "/priority: \"特急\" is none of the known values"),
        ("platform", "传真", "unknown_value", "/platform: \"传真\" is none of the known values"),
    ];
    let app = TestApp::start().await;
    for (id, (member, value, code, message)) in (1u64..).zip(UNKNOWN) {
        let record = app.parked(&created_with(id, json!({ *member: value }))).await;
        assert_eq!(record.str("/reason/code"), *code);
        assert!(record.str("/reason/message").starts_with(message), "{}", record.str("/reason/message"));
    }
    let fields = json!({ "custom_fields": { "SelectField_1": "7" } });
    let record = app.parked(&created_with(10, fields)).await;
    assert_eq!(record.str("/reason/code"), "unknown_option");
    let expected =
        "/custom_fields/SelectField_1: the mapping's row has no option \"7\": add it to the row's options";
    assert_eq!(record.str("/reason/message"), expected);
    assert_eq!(app.requests("", "/api/v1/tickets").await, [] as [Value; 0], "nothing was sent");
}

#[tokio::test]
async fn events_parked_for_want_of_an_arm_are_counted_without_their_values() {
    let app = TestApp::start().await;
    app.parked(&created_with(1, json!({ "platform": "传真" }))).await;
    app.parked(&created_with(2, json!({ "platform": "电报" }))).await;
    app.parked(&created_with(3, json!({ "custom_fields": { "SelectField_1": "机密选项" } }))).await;
    let metrics = app.metrics().await;
    let counted = |table: &str, times: u32| {
        format!("deskbridge_unmapped_values_total{{connection=\"acme\",table=\"{table}\"}} {times}\n")
    };
    assert!(metrics.contains(&counted("/platform", 2)), "{metrics}");
    assert!(metrics.contains(&counted("/custom_fields/SelectField_1", 1)), "{metrics}");
    assert!(!metrics.contains("传真") && !metrics.contains("机密选项"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_event_holds_its_own_lane_until_it_is_discarded_and_no_other_lane() {
    let app = TestApp::start().await;
    app.parked(&created_with(1, json!({ "status": "审核中" }))).await;
    app.accept(&updated_with(1, 1, json!({}))).await;
    app.delivered(&created(2, "别的工单")).await;
    assert_eq!(app.record("updated-1-1").await.str("/status"), "accepted");
    let discarded = app.operate("/events/created-1/discard").await;
    assert_eq!((discarded.status, discarded.str("/status")), (200, "discarded"));
    assert_eq!(discarded.str("/reason/code"), "unknown_value", "why it was parked is still told");
    let next = app.until("updated-1-1", &["delivered"]).await;
    assert_eq!(app.ticket(next.str("/target/id")).await["subject"], "打印机离线");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_event_is_delivered_after_the_mapping_was_mended_and_it_was_replayed() {
    let app = TestApp::start().await;
    let fields = json!({ "custom_fields": { "SelectField_1": "2" } });
    app.write_mapping("udesk-bangwo8", &SHIPPED.replace(", 2: 下拉选项3", ""));
    let app = app.restart().await;
    app.parked(&created_with(1, fields)).await;
    app.accept(&updated_with(1, 1, json!({ "subject": "之后" }))).await;
    app.write_mapping("udesk-bangwo8", SHIPPED);
    let app = app.restart().await;
    assert_eq!(app.record("created-1").await.str("/status"), "parked", "a restart alone replays nothing");
    assert_eq!(app.operate("/events/created-1/replay").await.status, 200);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(record.json["reason"], Value::Null);
    let outcomes: Vec<&str> = (0..2).map(|i| record.str(&format!("/attempts/{i}/outcome"))).collect();
    assert_eq!(outcomes, ["parked", "delivered"]);
    assert_eq!(record.json["tried"], 1, "its attempts are counted from one again");
    app.until("updated-1-1", &["delivered"]).await;
    let expected = json!([{ "key": "field_9", "value": "下拉选项3" }]);
    assert_eq!(app.last_written("POST").await["custom_fields"], expected);
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "之后");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_parked_or_dead_event_can_be_replayed_or_discarded() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    for action in ["replay", "discard"] {
        let refused = app.operate(&format!("/events/created-1/{action}")).await;
        assert_eq!((refused.status, refused.str("/code")), (409, "wrong_status"), "{action}");
        let unknown = app.operate(&format!("/events/created-2/{action}")).await;
        assert_eq!((unknown.status, unknown.str("/code")), (404, "unknown_event"), "{action}");
        assert!(unknown.str("/detail").contains("30 days"), "it may have been there: {}", unknown.text);
    }
    assert_eq!(app.written("POST").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_value_that_is_not_set_leaves_its_field_out() {
    let app = TestApp::with(Options { parameters: "{}".into(), ..Options::default() }).await;
    let record = app.delivered(&created(1, "打印机离线")).await;
    let ticket = app.last_written("POST").await;
    for field in ["ticketTemplateId", "servicerUserId", "servicerGroupId", "custUserId"] {
        assert_eq!(ticket.get(field), None, "{field}");
    }
    let expected = json!([
        { "pointer": "/user_email", "reason": "no_parameter" },
        { "pointer": "/user_group_id", "reason": "no_parameter" },
        { "pointer": "/assignee_id", "reason": "no_parameter" }
    ]);
    assert_eq!(sorted(&record.json["ignored"]), sorted(&expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_groups_are_found_by_whatever_the_tables_know_of_them() {
    let parameters = "{ agents: { 测试客服: 565124 }, groups: { 售后1组: 344124 }, \
                      contacts: { test@sample.com: 21130282, '13800000000': 30851821 } }";
    let app = TestApp::with(Options { parameters: parameters.into(), ..Options::default() }).await;
    app.delivered(&created(1, "按名称")).await;
    let ticket = app.last_written("POST").await;
    let found = [&ticket["servicerUserId"], &ticket["servicerGroupId"], &ticket["custUserId"]];
    assert_eq!(found, [565_124, 344_124, 21_130_282]);
    let by_phone = json!({ "user_email": "new@sample.com", "user_cellphone": "13800000000" });
    let record = app.delivered(&created_with(2, by_phone)).await;
    assert_eq!(app.last_written("POST").await["custUserId"], 30_851_821);
    assert_eq!(record.json["ignored"], json!([]), "another value of the same person has an entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_contact_is_the_default_one_on_creation_and_left_alone_on_update() {
    let app = TestApp::start().await;
    let stranger = json!({ "user_email": "new@sample.com", "user": "新客户" });
    let record = app.delivered(&created_with(1, stranger.clone())).await;
    assert_eq!(app.last_written("POST").await["custUserId"], 21_101_341);
    assert_eq!(record.json["ignored"], json!([{ "pointer": "/user_email", "reason": "no_table_entry" }]));
    app.delivered(&updated_with(1, 1, with(stranger, json!({ "subject": "改了标题" })))).await;
    assert_eq!(app.last_written("PUT").await.get("custUserId"), None);
    app.delivered(&updated_with(1, 2, json!({}))).await;
    assert_eq!(
        app.last_written("PUT").await["custUserId"],
        21_130_282,
        "a known one is written on update too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_becomes_a_reply_in_bangwo8_and_changes_nothing_else() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let record = app.delivered(&replied(1, "已更换网卡")).await;
    assert_eq!(app.written("PUT").await, [json!({ "ticketReply": { "replyMsg": "已更换网卡" } })]);
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!(replies(&ticket), ["已更换网卡"]);
    assert_eq!(ticket["subject"], "打印机离线");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_html_reply_arrives_as_text() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let reply = json!({ "id": 1, "reply": { "content": "<p>已<b>更换</b></p>", "content_type": "html" } });
    let record = app.delivered(&event("replied", "ticket.replied", reply)).await;
    assert_eq!(replies(&app.ticket(record.str("/target/id")).await), ["已更换"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_before_its_ticket_is_parked_and_can_be_discarded_for_the_ticket_to_come() {
    let app = TestApp::start().await;
    let record = app.parked(&replied(1, "已更换网卡")).await;
    assert_eq!(record.str("/reason/code"), "unknown_ticket");
    let message = record.str("/reason/message");
    assert!(message.contains("subject, ticketStatus") && message.contains("discard"), "{message}");
    app.accept(&created(1, "打印机离线")).await;
    assert_eq!(app.operate("/events/replied-1/discard").await.status, 200);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(replies(&app.ticket(record.str("/target/id")).await), [] as [&str; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_brings_its_whole_ticket_makes_the_ticket_first() {
    let app = TestApp::start().await;
    let data = with(udesk_ticket(1, "打印机离线"), json!({ "reply": { "content": "已更换网卡" } }));
    let record = app.delivered(&event("replied", "ticket.replied", data)).await;
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!((&ticket["subject"], replies(&ticket)), (&json!("打印机离线"), vec!["已更换网卡"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_before_its_creation_makes_the_ticket_and_the_late_creation_is_stale() {
    let app = TestApp::start().await;
    let newer = json!({ "subject": "新标题", "updated_at": "2017-05-04 14:26:19 +0800" });
    let record = app.delivered(&updated_with(1, 1, newer)).await;
    let late = app.deliver(&created(1, "旧标题")).await;
    assert_eq!((late.str("/status"), late.str("/reason/code")), ("skipped", "stale"));
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "新标题");
    assert_eq!(app.written("POST").await.len() + app.written("PUT").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_updates_with_the_same_time_the_later_accepted_one_is_applied() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "一")).await;
    let record = app.delivered(&updated_with(1, 1, json!({ "subject": "二" }))).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "二");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reply_is_delivered_without_the_old_ticket_that_it_brings() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let old = json!({
        "subject": "旧标题", "updated_at": "2016-01-01 00:00:00 +0800", "reply": { "content": "已更换网卡" }
    });
    let late = event("replied", "ticket.replied", with(udesk_ticket(1, ""), old));
    let ticket = app.ticket(app.delivered(&late).await.str("/target/id")).await;
    assert_eq!((&ticket["subject"], replies(&ticket)), (&json!("打印机离线"), vec!["已更换网卡"]));
    let in_between = json!({ "subject": "中间", "updated_at": "2016-12-31 00:00:00 +0800" });
    let stale = app.deliver(&updated_with(1, 1, in_between)).await;
    assert_eq!(stale.str("/status"), "skipped", "the late reply has not moved the ticket's version back");
}

const SHIPPED: &str = include_str!("../../mappings/udesk-bangwo8.yaml");

/// What a tenant with all kinds of custom fields sends beside the sample ticket.
fn full() -> Value {
    json!({
        "tags": "vip客户,普通客户",
        "custom_fields": {
            "TextField_1": "三楼", "TextField_3": "2016-08-11", "TextField_7": "12", "SelectField_1": "1",
            "SelectField_3": "0,3"
        }
    })
}

fn full_custom_fields() -> Value {
    json!([
        { "key": "field_1", "value": "三楼" },
        { "key": "field_3", "value": "2016-08-11" },
        { "key": "field_7", "value": "12" },
        { "key": "field_9", "value": "下拉选项2" },
        { "key": "field_11", "value": "多选框选项1,多选框选项4" }
    ])
}

fn replies(ticket: &Value) -> Vec<&str> {
    let replies = ticket["replies"].as_array().expect("replies");
    replies.iter().map(|reply| reply["replyMsg"].as_str().expect("text")).collect()
}

fn sorted(list: &Value) -> Vec<String> {
    let mut items: Vec<String> = list.as_array().expect("a list").iter().map(Value::to_string).collect();
    items.sort();
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_can_not_be_read_parks_and_one_from_the_future_makes_nothing_stale() {
    let app = TestApp::start().await;
    let at = |n: u64, time: &str| {
        let mut ticket = udesk_ticket(1, &format!("第 {n} 版"));
        ticket["updated_at"] = json!(time);
        event(&format!("version-{n}"), "ticket.updated", ticket)
    };
    let first = app.deliver(&at(1, "9998-01-01 00:00:00 +0800")).await;
    assert_eq!(first.str("/status"), "delivered");
    let minutes = app.deliver(&at(2, "2026-05-04 14:26 +0800")).await;
    assert_eq!(minutes.str("/status"), "delivered", "{}", minutes.text);
    let older = app.deliver(&at(3, "2026-05-03 14:26 +0800")).await;
    assert_eq!((older.str("/status"), older.str("/reason/code")), ("skipped", "stale"));
    let impossible = app.deliver(&at(4, "2026-02-30 14:26:18 +0800")).await;
    assert_eq!((impossible.str("/status"), impossible.str("/reason/code")), ("parked", "unreadable_value"));
    assert_eq!(app.ticket(minutes.str("/target/id")).await["subject"], "第 2 版");
}
