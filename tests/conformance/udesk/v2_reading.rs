//! What v2 reads: tickets, replies, staff, organizations, fields, the survey (§5).

use deskbridge::udesk::{
    Category, ContentType, FieldKind, OrganizationKey, Platform, Priority, Search, Status,
};
use secrecy::ExposeSecret;

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v2_ticket_list,
    v2_ticket_detail,
    v2_ticket_times,
    v2_ticket_vocabularies,
    v2_filter_tickets,
    v2_replies,
    v2_agents,
    v2_groups,
    v2_organizations,
    v2_organizations_by_filter,
    v2_organization,
    v2_ticket_fields,
    v2_custom_field,
    v2_fields_of_customers_and_organizations,
    v2_survey,
    v1_and_v2_read_the_same,
];

async fn v2_ticket_list(desk: &Desk) {
    let page = desk.v2().tickets_page(2, 5).await.unwrap();
    assert_eq!(page.items.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
    assert_eq!((page.total, page.total_pages, page.more), (Some(12), Some(3), true));
    assert!(page.items[0].raw.get().starts_with(r#"{"id":6,"#), "without its wrapper");
    let beyond = desk.v2().tickets_page(4, 5).await.unwrap();
    assert_eq!((beyond.items.len(), beyond.more), (0, false));
}

async fn v2_ticket_detail(desk: &Desk) {
    let ticket = desk.v2().ticket(1).await.unwrap();
    assert_eq!((ticket.id, ticket.number.as_deref()), (1, Some("#20001")));
    assert_eq!(ticket.subject.as_deref(), Some("演示工单"));
    assert_eq!((ticket.content_type, ticket.platform), (Some(ContentType::Text), Some(Platform::Email)));
    assert_eq!((ticket.status, ticket.priority), (Some(Status::Solving), Some(Priority::Urgent)));
    assert_eq!((ticket.customer.id, ticket.customer.name.as_deref()), (Some(5), Some("测试客户")));
    assert_eq!(ticket.customer.email.as_deref(), Some("test@sample.com"));
    assert_eq!((ticket.assignee_id, ticket.assignee_name.as_deref()), (Some(1), Some("测试客服")));
    assert_eq!((ticket.group_id, ticket.group_name.as_deref()), (Some(1), Some("售后1组")));
    assert_eq!((ticket.tags, ticket.replied_by.as_deref()), (vec!["演示".to_owned()], Some("agent_1")));
    assert_eq!(ticket.custom_fields["SelectField_3"], "0,3");
    assert_eq!(ticket.created_at.unwrap().to_string(), "2016-07-28T12:44:08Z");
    let of_a_company = desk.v2().ticket(2).await.unwrap();
    assert_eq!((of_a_company.customer.organization_id, of_a_company.assignee_id), (Some(1), None));
    assert_eq!(desk.v2().ticket(7).await.unwrap().tags, ["紧急", "支付"]);
}

async fn v2_ticket_times(desk: &Desk) {
    let read = desk.v2().ticket(4).await.unwrap();
    let at = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
    assert_eq!(at(read.solving_at).as_deref(), Some("2017-05-08T03:50:02Z"));
    assert_eq!(at(read.resolved_at).as_deref(), Some("2017-05-08T08:05:17Z"));
    assert_eq!((at(read.replied_at), at(read.closed_at)), (at(read.resolved_at), None));
    let closed = desk.v2().ticket(6).await.unwrap();
    assert_eq!(at(closed.closed_at).as_deref(), Some("2017-05-12T01:00:00Z"));
}

/// Of the two names of a status the Chinese one differs from v1's (§4.2).
async fn v2_ticket_vocabularies(desk: &Desk) {
    let raw = desk.v2().ticket(2).await.unwrap().raw;
    let raw: serde_json::Value = serde_json::from_str(raw.get()).unwrap();
    assert_eq!((&raw["status"], &raw["status_en"]), (&"开启".into(), &"open".into()));
    let seen: Vec<_> = all(desk.v2().tickets()).await.into_iter().map(|ticket| ticket.status).collect();
    for status in [Status::Open, Status::Resolved, Status::Closed, Status::Solving] {
        assert!(seen.contains(&Some(status)));
    }
}

/// As the administrator sees it.
async fn v2_filter_tickets(desk: &Desk) {
    let ids = async |filter| -> Vec<u64> {
        all(desk.v2().filter_tickets(filter)).await.iter().map(|ticket| ticket.id).collect()
    };
    assert_eq!(ids(2).await, [1, 2, 3, 5, 7, 8, 10, 11]);
    assert_eq!(ids(1).await, [0; 0]);
    let page = desk.v2().filter_tickets_page(2, 2, 3).await.unwrap();
    assert_eq!((page.items.len(), page.total, page.total_pages), (3, Some(8), Some(3)));
}

async fn v2_replies(desk: &Desk) {
    let replies = desk.v2().replies(1).await.unwrap();
    assert_eq!(replies.iter().map(|reply| reply.id).collect::<Vec<_>>(), [1, 2], "oldest first");
    let (customer, agent) = (&replies[0], &replies[1]);
    assert_eq!(customer.content.as_deref(), Some("验证码已经收不到了。"));
    assert_eq!((customer.author.id, customer.author.is_agent()), (Some(5), false));
    assert_eq!((agent.author.id, agent.author.is_agent()), (Some(1), true));
    assert_eq!(agent.author.email.as_deref(), Some("agent@sample.com"));
    assert_eq!(agent.author.name.as_deref(), Some("测试客服"));
    assert_eq!(agent.created_at.unwrap().to_string(), "2017-05-04T06:26:18Z");
    let public: Vec<u64> = desk.v2().replies(3).await.unwrap().iter().map(|reply| reply.id).collect();
    assert_eq!(public, [3, 5], "without the note");
    assert!(desk.v2().replies(2).await.unwrap().is_empty());
}

/// Leavers only when asked for, and a password that is shown nowhere.
async fn v2_agents(desk: &Desk) {
    let ids = async |with_disabled| -> Vec<u64> {
        all(desk.v2().agents(with_disabled)).await.iter().map(|agent| agent.id).collect()
    };
    assert_eq!((ids(false).await, ids(true).await), (vec![1, 2, 4], vec![1, 2, 3, 4]));
    let page = desk.v2().agents_page(true, 2, 3).await.unwrap();
    assert_eq!((page.items[0].id, page.total, page.total_pages, page.more), (4, Some(4), Some(2), false));
    let agents = desk.v2().agents_page(false, 1, 1).await.unwrap().items;
    let agent = &agents[0];
    assert_eq!((agent.email.as_deref(), agent.name.as_deref()), (Some("agent@sample.com"), Some("测试客服")));
    assert_eq!((agent.profile.as_deref(), agent.role.as_deref()), (Some("all"), Some("客服")));
    assert_eq!((agent.cellphone.as_deref(), agent.duty.as_deref()), (Some("13700000001"), Some("售后")));
    assert_eq!((&agent.group_ids, agent.im_ability), (&vec![1, 3], Some(5)));
    let sip = agent.sip.as_ref().unwrap();
    let password = sip.password.as_ref().unwrap().expose_secret();
    assert_eq!((sip.number.as_deref(), password), (Some("8001"), "sandbox-sip-password"));
    assert!(!format!("{agent:?} {sip:?}").contains(password));
}

async fn v2_groups(desk: &Desk) {
    let groups = all(desk.v2().user_groups()).await;
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.id, group.name.as_deref(), group.agents.iter().map(|a| a.id).collect::<Vec<_>>()))
        .collect();
    let expected =
        [(1, Some("售后1组"), vec![1, 4]), (2, Some("售前组"), vec![2, 4]), (3, Some("默认组"), vec![1, 4])];
    assert_eq!(told, expected);
    assert_eq!(groups[0].agents[0].name.as_deref(), Some("测试客服"));
    let one = desk.v2().user_group(1).await.unwrap();
    assert_eq!(one.agents[0].email.as_deref(), Some("agent@sample.com"));
    assert_eq!(one.agents[0].cellphone.as_deref(), Some("13700000001"));
    let page = desk.v2().user_groups_page(2, 2).await.unwrap();
    assert_eq!((page.items[0].id, page.total, page.more), (3, Some(3), false));
}

async fn v2_organizations(desk: &Desk) {
    let page = desk.v2().organizations_page(Search::default(), 1, 1).await.unwrap();
    assert_eq!((page.total, page.total_pages, page.more), (Some(2), Some(2), true));
    let found = all(desk.v2().organizations(Search::query("海淀"))).await;
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [2]);
    assert_eq!((found[0].level.as_deref(), &found[0].token), (Some("vip"), &None));
    assert!(all(desk.v2().organizations(Search::query("无此公司"))).await.is_empty());
}

/// What filters there are is the tenant's affair; the simulator has none of organizations.
async fn v2_organizations_by_filter(desk: &Desk) {
    desk.v2().organizations_page(Search { filter_id: Some(3), query: None }, 1, 10).await.unwrap();
    let asked = desk.requests("/open_api_v1/organizations").await;
    assert!(asked[0].to_string().contains("filter_id=3&page=1&per_page=10"), "{}", asked[0]);
}

async fn v2_organization(desk: &Desk) {
    let keys = [
        OrganizationKey::Id(1),
        OrganizationKey::Name("测试公司1".into()),
        OrganizationKey::Token("123456s7hgfd".into()),
    ];
    for key in keys {
        let found = desk.v2().organization(&key).await.unwrap();
        assert_eq!((found.id, found.name.as_deref()), (1, Some("测试公司1")), "{key:?}");
        assert_eq!(found.domains.as_deref(), Some("https://www.test1.com"));
        assert_eq!(found.description.as_deref(), Some("该公司仅用来举例"));
        assert_eq!(found.cellphones, ["13111111111"]);
        assert_eq!(found.custom_fields["SelectField_1"], serde_json::json!(["0"]));
        assert_eq!(found.updated_at.unwrap().to_string(), "2017-08-18T04:06:02Z");
    }
}

/// The only source of a cascade's options, and of which options are hidden (§5.6).
async fn v2_ticket_fields(desk: &Desk) {
    let fields = desk.v2_fields().await;
    let kind = |name: &str| fields.get(name).unwrap().kind.clone();
    assert_eq!((kind("SelectField_1"), kind("SelectField_4")), (FieldKind::One, FieldKind::Path));
    assert_eq!(kind("TextField_9"), FieldKind::Text("location".into()));
    assert_eq!(kind("TextField_10"), FieldKind::Text("calculate".into()));
    let drop_down = fields.get("SelectField_1").unwrap();
    assert_eq!(drop_down.options.len(), 4, "hidden ones stay, since old tickets hold them");
    let hidden: Vec<&str> = drop_down.options.iter().filter(|o| o.hidden).map(|o| o.name.as_str()).collect();
    assert_eq!((hidden, drop_down.index_of("已停用选项")), (vec!["已停用选项"], Some("3")));
    let cascade = &fields.get("SelectField_4").unwrap().options;
    let district = &cascade[1].subs[0].subs[1];
    assert_eq!((district.index.as_str(), district.name.as_str(), district.hidden), ("1", "朝阳区", true));
    assert!(cascade[1].subs[1].subs.is_empty());
}

/// What only v2 tells of a field (§5.6).
async fn v2_custom_field(desk: &Desk) {
    let drop_down = desk.v2().custom_field(9).await.unwrap();
    assert_eq!((drop_down.id, drop_down.name.as_str()), (Some(9), "SelectField_1"));
    assert_eq!(drop_down.updated_at.unwrap().to_string(), "2017-03-01T02:00:00Z");
    assert_eq!((drop_down.customer_permission.as_deref(), &drop_down.agent_permission), (Some("2"), &None));
    let preset: Vec<&str> =
        drop_down.options.iter().filter(|option| option.default).map(|option| option.name.as_str()).collect();
    assert_eq!(preset, ["下拉选项1"]);
    let computed = desk.v2().custom_field(14).await.unwrap();
    assert_eq!(computed.calculate_result_type.as_deref(), Some("duration"));
    let of_a_company = desk.v2().custom_field(18).await.unwrap();
    assert_eq!(
        (of_a_company.customer_permission, of_a_company.agent_permission.as_deref()),
        (None, Some("2"))
    );
    let listed = desk.v2_fields().await;
    assert_eq!(listed.get("SelectField_1"), Some(&drop_down));
    assert_eq!(rejection(desk.v2().custom_field(99).await).2, "未找到自定义字段");
}

async fn v2_fields_of_customers_and_organizations(desk: &Desk) {
    for (category, label, option) in
        [(Category::Customer, "来源", "展会"), (Category::Organization, "行业", "制造")]
    {
        let fields = desk.v2().custom_fields(category).await.unwrap();
        assert_eq!(
            fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
            ["SelectField_1", "TextField_1"]
        );
        let field = fields.get("SelectField_1").unwrap();
        assert_eq!((field.label.as_deref(), &field.kind), (Some(label), &FieldKind::Many));
        assert_eq!(field.index_of(option), Some("1"));
    }
}

async fn v2_survey(desk: &Desk) {
    let survey = desk.v2().survey().await.unwrap();
    assert_eq!((survey.title.as_deref(), survey.enabled), (Some("请评价本次服务"), Some(true)));
    assert_eq!(survey.note.as_deref(), Some("感谢您的反馈"));
    let options: Vec<_> = survey.options.iter().map(|o| (o.vote_number, o.name.as_deref())).collect();
    assert_eq!(options, [(1, Some("满意")), (2, Some("一般")), (3, Some("不满意"))]);
}

/// Two spellings of one thing (§4, §5.1).
async fn v1_and_v2_read_the_same(desk: &Desk) {
    let (one, other) = (all(desk.v1().tickets()).await, all(desk.v2().tickets()).await);
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!((one.id, &one.subject, &one.content), (other.id, &other.subject, &other.content));
        assert_eq!((&one.status, &one.priority), (&other.status, &other.priority));
        assert_eq!((&one.platform, &one.content_type), (&other.platform, &other.content_type));
        assert_eq!(one.customer.name, other.customer.name);
        assert_eq!(
            (&one.customer.email, &one.customer.cellphone),
            (&other.customer.email, &other.customer.cellphone)
        );
        assert_eq!((one.assignee_id, &one.assignee_name), (other.assignee_id, &other.assignee_name));
        assert_eq!((one.group_id, &one.group_name), (other.group_id, &other.group_name));
        assert_eq!((&one.custom_fields, &one.replied_by), (&other.custom_fields, &other.replied_by));
        assert_eq!((one.created_at, one.updated_at), (other.created_at, other.updated_at));
        assert_eq!(one.solving_at, other.solving_at);
    }
}
