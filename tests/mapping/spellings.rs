//! Every spelling of every closed field, by itself and with every one of every other.

use std::collections::{BTreeMap, BTreeSet};

use deskbridge::mapping::Parameters;
use serde_json::{Map, Value, json};

use crate::support::*;

/// Field of the source, field of Bangwo8, and each code with the spellings that stand for it.
type Closed = (&'static str, &'static str, &'static [(u64, &'static [&'static str])]);

const UDESK: &[Closed] = &[
    (
        "status",
        "ticketStatus",
        &[
            (2, &["open", "打开", "开启", "solving", "解决中"]),
            (4, &["resolved", "已解决"]),
            (6, &["closed", "已关闭"]),
        ],
    ),
    (
        "priority",
        "priorityLevel",
        &[(1, &["low", "低"]), (2, &["medium", "标准"]), (3, &["high", "高"]), (4, &["urgency", "紧急"])],
    ),
    (
        "platform",
        "ticketSource",
        &[
            (9, &["email", "邮件"]),
            (4, &["weibo", "微博", "feedback", "反馈标签"]),
            (2, &["wechat", "微信", "im", "即时聊天"]),
            (3, &["call", "电话"]),
            (8, &["hc", "帮助中心"]),
            (7, &["manual_input", "手工录入", "api", "API"]),
        ],
    ),
];

const GENERIC: &[Closed] = &[
    (
        "status",
        "ticketStatus",
        &[
            (1, &["new", "新建"]),
            (2, &["open", "已开启"]),
            (3, &["pending", "待回应"]),
            (4, &["solved", "已解决"]),
            (5, &["auto_closed", "自动关闭"]),
            (6, &["closed", "手动关闭", "已关闭"]),
        ],
    ),
    (
        "priority",
        "priorityLevel",
        &[(1, &["low", "低"]), (2, &["normal", "正常"]), (3, &["high", "高"]), (4, &["urgent", "紧急"])],
    ),
    (
        "type",
        "ticketType",
        &[
            (1, &["question", "问题"]),
            (2, &["transaction", "事务"]),
            (3, &["incident", "故障"]),
            (4, &["task", "任务"]),
        ],
    ),
    (
        "channel",
        "ticketSource",
        &[
            (1, &["remote", "远程"]),
            (2, &["chat", "聊天"]),
            (3, &["call_centre", "呼叫中心"]),
            (4, &["message", "留言"]),
            (5, &["system", "系统创建"]),
            (7, &["api", "API"]),
            (8, &["template_form", "工单模板发布"]),
            (9, &["email", "邮件接入"]),
        ],
    ),
];

const ZENDESK: &[Closed] = &[
    (
        "status",
        "ticketStatus",
        &[
            (1, &["new", "New", "新建"]),
            (2, &["open", "Open", "已开启"]),
            (3, &["pending", "Pending", "待回应", "hold", "On-hold", "On-Hold", "暂停"]),
            (4, &["solved", "Solved", "已解决"]),
            (6, &["closed", "Closed", "已关闭"]),
        ],
    ),
    (
        "priority",
        "priorityLevel",
        &[
            (1, &["low", "Low", "低"]),
            (2, &["normal", "Normal", "正常"]),
            (3, &["high", "High", "高"]),
            (4, &["urgent", "Urgent", "紧急"]),
        ],
    ),
    (
        "type",
        "ticketType",
        &[
            (1, &["question", "Question", "问题"]),
            (2, &["incident", "Incident", "事务"]),
            (3, &["problem", "Problem", "故障"]),
            (4, &["task", "Task", "任务"]),
        ],
    ),
    (
        "channel",
        "ticketSource",
        &[
            (
                2,
                &[
                    "chat",
                    "Chat",
                    "聊天",
                    "chat_transcript",
                    "native_messaging",
                    "Messaging",
                    "whatsapp",
                    "WhatsApp",
                    "wechat",
                    "WeChat",
                    "微信",
                    "line",
                    "LINE",
                    "telegram",
                    "Telegram",
                    "instagram_dm",
                    "Instagram Direct",
                    "apple_business_chat",
                    "sunshine_conversations_api",
                    "sunshine_conversations_facebook_messenger",
                    "sunshine_conversations_twitter_dm",
                ],
            ),
            (
                3,
                &[
                    "voice",
                    "voicemail",
                    "phone_call_inbound",
                    "phone_call_outbound",
                    "Phone call (incoming)",
                    "Phone call (outbound)",
                    "Voicemail",
                    "电话",
                ],
            ),
            (
                4,
                &[
                    "sms",
                    "text_message",
                    "SMS",
                    "Text message",
                    "短信",
                    "twitter",
                    "twitter_dm",
                    "twitter_favorite",
                    "Twitter",
                    "X",
                    "facebook",
                    "facebook_post",
                    "facebook_message",
                    "Facebook",
                    "forum",
                    "topic",
                    "Topic",
                ],
            ),
            (5, &["rule", "Rule", "side_conversation", "Side conversation", "分支对话"]),
            (
                7,
                &[
                    "api",
                    "web_service",
                    "ticket_sharing",
                    "blog",
                    "import",
                    "github",
                    "Web service",
                    "Web service (API)",
                    "API",
                    "any_channel",
                ],
            ),
            (
                8,
                &[
                    "web",
                    "web_form",
                    "dropbox",
                    "batch",
                    "closed_ticket",
                    "Web form",
                    "Web",
                    "网页表单",
                    "web_widget",
                    "Web Widget",
                    "help_center",
                    "helpcenter",
                    "Help Center post",
                    "帮助中心",
                    "mobile",
                    "Mobile",
                    "mobile_sdk",
                    "Mobile SDK",
                ],
            ),
            (9, &["email", "mail", "Mail", "Email", "电邮"]),
        ],
    ),
];

const FRESHDESK: &[Closed] = &[
    (
        "status",
        "ticketStatus",
        &[
            (2, &["open", "2", "Open", "打开"]),
            (
                3,
                &[
                    "pending",
                    "3",
                    "Pending",
                    "待处理",
                    "waiting_on_customer",
                    "6",
                    "Waiting on Customer",
                    "等待客户",
                    "waiting_on_third_party",
                    "7",
                    "Waiting on Third Party",
                    "等待第三方",
                ],
            ),
            (4, &["resolved", "4", "Resolved", "已解决"]),
            (6, &["closed", "5", "Closed", "已关闭"]),
        ],
    ),
    (
        "priority",
        "priorityLevel",
        &[
            (1, &["low", "1", "Low", "低"]),
            (2, &["medium", "2", "Medium", "中"]),
            (3, &["high", "3", "High", "高"]),
            (4, &["urgent", "4", "Urgent", "紧急"]),
        ],
    ),
    (
        "type",
        "ticketType",
        &[
            (1, &["question", "Question", "问题"]),
            (2, &["feature_request", "Feature Request", "功能请求", "refund", "Refund", "退款"]),
            (3, &["incident", "Incident", "事件", "problem", "Problem", "难题"]),
        ],
    ),
    (
        "source",
        "ticketSource",
        &[
            (
                2,
                &[
                    "chat",
                    "7",
                    "Chat",
                    "聊天",
                    "bot",
                    "12",
                    "Bot",
                    "机器人",
                    "whatsapp",
                    "13",
                    "Whatsapp",
                    "WhatsApp",
                ],
            ),
            (3, &["phone", "3", "Phone", "电话"]),
            (
                4,
                &[
                    "forum",
                    "4",
                    "Forum",
                    "论坛",
                    "twitter",
                    "5",
                    "Twitter",
                    "X",
                    "facebook",
                    "6",
                    "Facebook",
                    "feedback_widget",
                    "9",
                    "Feedback Widget",
                    "反馈小部件",
                ],
            ),
            (7, &["ecommerce", "11", "Ecommerce", "电子商务"]),
            (8, &["portal", "2", "Portal", "门户", "mobihelp", "8", "MobiHelp", "Mobihelp"]),
            (9, &["email", "1", "Email", "电子邮件", "outbound_email", "10", "Outbound Email", "外发邮件"]),
        ],
    ),
];

const SOURCES: [(&str, &str, &[Closed]); 2] =
    [("udesk-bangwo8", "udesk", UDESK), ("generic-bangwo8", "generic", GENERIC)];
/// Too many spellings for every one with every other.
const BY_THEMSELVES: [(&str, &str, &[Closed]); 2] =
    [("zendesk-bangwo8", "zendesk", ZENDESK), ("freshdesk-bangwo8", "freshdesk", FRESHDESK)];

#[test]
fn every_combination_of_spellings_gives_its_codes() {
    for (name, _, closed) in SOURCES {
        let mapping = shipped(name);
        for combination in product(closed) {
            let members =
                combination.iter().map(|(member, _, _, spelling)| ((*member).into(), json!(spelling)));
            let data = Value::Object(members.collect::<Map<_, _>>());
            let found = told(apply(&mapping, &data, &Parameters::new()));
            for (_, field, code, _) in &combination {
                assert_eq!(found["fields"][field], *code, "{name}: {data}");
            }
        }
    }
}

#[test]
fn every_spelling_of_the_other_sources_gives_its_code() {
    for (name, _, closed) in BY_THEMSELVES {
        let mapping = shipped(name);
        for (member, field, codes) in closed {
            let spellings = codes.iter().flat_map(|(code, all)| all.iter().map(move |one| (code, one)));
            for (code, spelling) in spellings {
                let data = json!({ *member: spelling, "via": { "channel": spelling } });
                let found = told(apply(&mapping, &data, &Parameters::new()));
                assert_eq!(found["fields"][field], *code, "{name}: {member} {spelling}");
            }
        }
    }
}

#[test]
fn every_spelling_that_a_vocabulary_knows_is_among_those_of_the_test() {
    for (_, source, closed) in SOURCES.into_iter().chain(BY_THEMSELVES) {
        let text = std::fs::read_to_string(repository(&format!("mappings/vocabularies/{source}.yaml")));
        let vocabulary: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            serde_saphyr::from_str(&text.expect("the vocabulary")).expect("a vocabulary");
        assert_eq!(vocabulary.len(), closed.len(), "{source}");
        for (member, _, codes) in closed {
            let values = vocabulary[*member].iter();
            let known: BTreeSet<&str> =
                values.flat_map(|(value, others)| others.iter().chain([value])).map(String::as_str).collect();
            let tested: BTreeSet<&str> =
                codes.iter().flat_map(|(_, spellings)| *spellings).copied().collect();
            assert_eq!(known, tested, "{source}: {member}");
        }
    }
}

#[test]
fn blanks_around_a_spelling_do_not_matter_and_its_case_does() {
    let mapping = shipped("udesk-bangwo8");
    let found = told(apply(&mapping, &json!({ "status": " 已解决\n" }), &Parameters::new()));
    assert_eq!(found["fields"]["ticketStatus"], 4);
    let found = told(apply(&mapping, &json!({ "status": "Open" }), &Parameters::new()));
    assert_eq!(found["refusal"]["code"], "unknown_value");
}

type Choice = (&'static str, &'static str, u64, &'static str);

/// Every way to choose one spelling of each field.
fn product(closed: &[Closed]) -> Vec<Vec<Choice>> {
    let Some(((member, field, codes), rest)) = closed.split_first() else {
        return vec![Vec::new()];
    };
    let spellings: Vec<Choice> = codes
        .iter()
        .flat_map(|(code, spellings)| {
            spellings.iter().map(move |spelling| (*member, *field, *code, *spelling))
        })
        .collect();
    let others = product(rest);
    let with = |other: &Vec<Choice>, choice: Choice| other.iter().copied().chain([choice]).collect();
    spellings.into_iter().flat_map(|choice| others.iter().map(move |other| with(other, choice))).collect()
}
