//! Companies: listing, reading, creating and changing them (§8), and customer groups (§9.4).

use deskbridge::{
    bangwo8::{
        Company, CompanyFilter, CompanyId, CompanyWrite, CustomFieldWrite, CustomerGroup, CustomerGroupWrite,
        Error, Order, Window,
    },
    sandbox::DropdownForm,
};
use jiff::civil::date;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    desk::{Desk, code, declined, rejection},
    lists::{all, ascends, descends, paged},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    companies_pages_make_up_the_whole,
    companies_leave_deleted_ones_out_unless_asked,
    companies_created_in_a_window_of_days,
    companies_updated_in_a_window_of_days,
    companies_by_time,
    company_reads_its_fields,
    company_without_values_has_none,
    company_dropdown_is_text_or_id,
    company_unknown_is_not_found,
    companies_by_id_in_the_order_asked_for,
    create_company_reads_back_as_written,
    create_company_that_exists_tells_its_id,
    create_company_without_a_name_is_rejected,
    create_company_with_an_unknown_field_is_rejected,
    create_company_with_an_unknown_group_is_rejected,
    update_company_changes_what_is_sent_and_nothing_else,
    update_company_to_a_taken_name_tells_its_id,
    update_company_unknown_is_not_found,
    update_company_deletes_and_restores,
    customer_groups_are_read,
    customer_group_reads_one,
    customer_group_unknown_is_not_found,
    customer_groups_by_id_leave_unknown_ones_out,
    create_customer_group_reads_back_as_written,
    create_customer_group_without_a_name_is_rejected,
    create_customer_group_without_a_type_is_rejected,
    update_customer_group_changes_what_is_sent,
    update_customer_group_unknown_is_not_found,
];

/// The two companies of a sample, one of which is like the other's name.
const JINWANWEI: &str = "111";
/// The company of the sample of one.
const SAMPLE: &str = "12352625";
/// A company that has been deleted.
const DELETED: &str = "12352641";

async fn companies_pages_make_up_the_whole(desk: &Desk) {
    let filter = CompanyFilter::default();
    let pages = paged(async |page, size| desk.agent().companies_page(&filter, page, size).await).await;
    let walked = all(desk.agent().companies(&filter)).await;
    assert_eq!(ids(&walked), ids(&pages));
    assert_eq!(ids(&walked)[..4], ["111", "112", "9516936", "10722418"]);
    let numbers: Vec<u64> = ids(&walked).iter().map(|id| id.parse().unwrap()).collect();
    assert!(ascends(&numbers));
}

async fn companies_leave_deleted_ones_out_unless_asked(desk: &Desk) {
    let has_deleted = |companies: &[Company]| ids(companies).contains(&DELETED);
    let without = all(desk.agent().companies(&CompanyFilter::default())).await;
    let with =
        all(desk.agent().companies(&CompanyFilter { with_deleted: true, ..CompanyFilter::default() })).await;
    assert!(!has_deleted(&without) && has_deleted(&with));
    assert_eq!(with.len(), without.len() + 1);
}

/// Both days are included.
async fn companies_created_in_a_window_of_days(desk: &Desk) {
    let created = Window { start: Some(date(2022, 5, 10)), end: Some(date(2022, 11, 16)) };
    let found = all(desk.agent().companies(&CompanyFilter { created, ..CompanyFilter::default() })).await;
    assert_eq!(ids(&found), ["10722418", "12352625"]);
}

async fn companies_updated_in_a_window_of_days(desk: &Desk) {
    let updated = Window { start: Some(date(2022, 11, 15)), end: Some(date(2022, 11, 30)) };
    let found = all(desk.agent().companies(&CompanyFilter { updated, ..CompanyFilter::default() })).await;
    assert_eq!(ids(&found), ["9516936", "12352625"]);
}

async fn companies_by_time(desk: &Desk) {
    let by_creation = CompanyFilter { created_order: Some(Order::Descending), ..CompanyFilter::default() };
    let created: Vec<_> =
        all(desk.agent().companies(&by_creation)).await.iter().map(|it| it.created_at).collect();
    assert!(descends(&created));
    let by_update = CompanyFilter { updated_order: Some(Order::Ascending), ..CompanyFilter::default() };
    let updated: Vec<_> =
        all(desk.agent().companies(&by_update)).await.iter().map(|it| it.updated_at).collect();
    assert!(ascends(&updated));
    assert_eq!(created.len(), updated.len());
}

async fn company_reads_its_fields(desk: &Desk) {
    let company = desk.agent().company(&CompanyId::new(JINWANWEI)).await.unwrap();
    assert_eq!((company.id.as_str(), company.company_name.as_deref()), (JINWANWEI, Some("金万维")));
    assert_eq!(company.support_id.as_deref(), Some("565123"));
    assert_eq!(
        (company.service_start, company.service_end),
        (Some(date(2017, 1, 1)), Some(date(2017, 12, 31)))
    );
    assert_eq!(company.service_account.as_deref(), Some("gnkefu"));
    assert_eq!(company.service_password.as_ref().unwrap().expose_secret(), "sample-password");
    assert_eq!((company.province.as_deref(), company.city.as_deref()), (Some("北京"), Some("丰台")));
    assert_eq!(company.address.as_deref(), Some("北京市丰台区汉威国际广场"));
    assert_eq!(
        (company.user_group.as_deref(), company.service_charge.as_deref()),
        (Some("1"), Some("1280.50"))
    );
    assert_eq!(
        (company.user_url.as_deref(), company.serve_note.as_deref()),
        (Some("https://www.example.com"), Some("老客户"))
    );
    assert_eq!(company.table_name.as_deref(), Some("VIP,续约"));
    assert_eq!(company.created_at, Some(desk.at("2009-05-13 10:07:08")));
    assert_eq!(company.updated_at, Some(desk.at("2011-07-22 11:11:12")));
    assert!(company.url.unwrap().ends_with("/api/v1/companies/111.json"));
    let sample = desk.agent().company(&CompanyId::new(SAMPLE)).await.unwrap();
    assert_eq!(sample.service_group_ids.as_deref(), Some("344124,344125"));
    assert_eq!(sample.multi_service_list.as_deref(), Some("N1331193N"));
    assert_eq!(custom(&sample, "field_1"), json!(["北京市", "二级1", "三级1", "四级1", "五级2"]));
    assert_eq!(custom(&sample, "gjfx"), json!("4672422,4672423,4672424"));
    assert_eq!(custom(&sample, "fxk"), json!("是"));
}

/// Zero dates, `"0"` and `""` (§4.1).
async fn company_without_values_has_none(desk: &Desk) {
    let company = desk.agent().company(&CompanyId::new("12352630")).await.unwrap();
    assert_eq!((company.service_start, company.service_end), (None, None));
    assert_eq!((company.support_id, company.user_group, company.address), (None, None, None));
    assert_eq!((company.province, company.city, company.table_name), (None, None, None));
    assert!(company.service_password.is_none() && company.service_account.is_none());
    assert_eq!(company.service_charge.as_deref(), Some("0.00"));
}

/// §13, 12.
async fn company_dropdown_is_text_or_id(desk: &Desk) {
    let company = desk.agent().company(&CompanyId::new(SAMPLE)).await.unwrap();
    let expected = match desk.switches.dropdown_on_v1_read {
        DropdownForm::Text => "重点客户",
        DropdownForm::Id => "4668669",
    };
    assert_eq!(custom(&company, "field_2"), json!(expected));
}

async fn company_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().company(&CompanyId::new("404")).await), "not_found");
}

async fn companies_by_id_in_the_order_asked_for(desk: &Desk) {
    let asked = ["112", "404", "111"].map(CompanyId::new);
    let found = desk.agent().companies_by_id(&asked).await.unwrap();
    assert_eq!(ids(&found), ["112", "111"], "one that is unknown is left out");
    assert_eq!(found[1].company_name.as_deref(), Some("金万维"));
    assert_eq!(ids(&desk.agent().companies_by_id(&[]).await.unwrap()), Vec::<&str>::new());
}

fn whole_company() -> CompanyWrite {
    let field = |key: &str, value: Value| CustomFieldWrite { key: key.to_owned(), value };
    CompanyWrite {
        company_name: Some("测试公司API & 分公司".to_owned()),
        service_start: Some(date(2024, 2, 29)),
        service_end: Some(date(2025, 12, 31)),
        user_url: Some("https://example.com/?a=1".to_owned()),
        serve_note: Some("备注".to_owned()),
        service_charge: Some("12.50".to_owned()),
        service_account: Some("acc-7".to_owned()),
        service_password: Some("s3cret".to_owned()),
        address: Some("人民大街 1 号".to_owned()),
        province: Some("吉林".to_owned()),
        city: Some("长春".to_owned()),
        user_group: Some(2),
        table_name: Some("VIP,续约".to_owned()),
        service_group_ids: Some("344124,344125".to_owned()),
        status: None,
        custom_fields: vec![
            field("deptid", json!("HX-77")),
            field("field_1", json!(["北京市", "二级1"])),
            field("field_5", json!("30")),
            field("fxk", json!("是")),
        ],
    }
}

fn named(name: &str) -> CompanyWrite {
    CompanyWrite { company_name: Some(name.to_owned()), ..CompanyWrite::default() }
}

async fn create(desk: &Desk, company: &CompanyWrite) -> Result<CompanyId, Error> {
    desk.agent().create_company(company, &desk.request_id()).await
}

async fn update(desk: &Desk, id: &str, company: &CompanyWrite) -> Result<(), Error> {
    desk.agent().update_company(&CompanyId::new(id), company, &desk.request_id()).await
}

async fn create_company_reads_back_as_written(desk: &Desk) {
    let id = create(desk, &whole_company()).await.unwrap();
    let company = desk.agent().company(&id).await.unwrap();
    assert_eq!((&company.id, company.company_name.as_deref()), (&id, Some("测试公司API & 分公司")));
    assert_eq!(
        (company.service_start, company.service_end),
        (Some(date(2024, 2, 29)), Some(date(2025, 12, 31)))
    );
    assert_eq!(
        (company.user_url.as_deref(), company.serve_note.as_deref()),
        (Some("https://example.com/?a=1"), Some("备注"))
    );
    assert_eq!(
        (company.service_charge.as_deref(), company.service_account.as_deref()),
        (Some("12.50"), Some("acc-7"))
    );
    assert_eq!(company.service_password.as_ref().unwrap().expose_secret(), "s3cret");
    assert_eq!(
        (company.address.as_deref(), company.province.as_deref()),
        (Some("人民大街 1 号"), Some("吉林"))
    );
    assert_eq!((company.city.as_deref(), company.user_group.as_deref()), (Some("长春"), Some("2")));
    assert_eq!(company.table_name.as_deref(), Some("VIP,续约"));
    assert_eq!(company.service_group_ids.as_deref(), Some("344124,344125"));
    for written in whole_company().custom_fields {
        assert_eq!(custom(&company, &written.key), written.value, "{}", written.key);
    }
    assert!(desk.is_now(company.created_at) && desk.is_now(company.updated_at));
}

/// Code 110026: creating is also finding (§8.5).
async fn create_company_that_exists_tells_its_id(desk: &Desk) {
    match create(desk, &named("金万维")).await {
        Err(Error::AlreadyExists { id, .. }) => assert_eq!(id.as_deref(), Some(JINWANWEI)),
        other => panic!("{other:?}"),
    }
    let first = create(desk, &named("新公司")).await.unwrap();
    match create(desk, &named("新公司")).await {
        Err(Error::AlreadyExists { id, .. }) => assert_eq!(id.as_deref(), Some(first.as_str())),
        other => panic!("{other:?}"),
    }
}

async fn create_company_without_a_name_is_rejected(desk: &Desk) {
    let nameless = CompanyWrite { company_name: None, ..whole_company() };
    assert_eq!(rejection(create(desk, &nameless).await), declined("companyName cannot be empty"));
}

async fn create_company_with_an_unknown_field_is_rejected(desk: &Desk) {
    let field = CustomFieldWrite { key: "field_404".to_owned(), value: json!("x") };
    let company = CompanyWrite { custom_fields: vec![field], ..named("某公司") };
    assert_eq!(rejection(create(desk, &company).await), declined("field_404 does not exist"));
    assert_eq!(desk.agent().company_named("某公司").await.unwrap(), None);
}

async fn create_company_with_an_unknown_group_is_rejected(desk: &Desk) {
    let company = CompanyWrite { user_group: Some(404), ..named("某公司") };
    assert_eq!(rejection(create(desk, &company).await), declined("userGroup does not exist"));
}

async fn update_company_changes_what_is_sent_and_nothing_else(desk: &Desk) {
    let id = CompanyId::new(SAMPLE);
    let before = desk.agent().company(&id).await.unwrap();
    let field = CustomFieldWrite { key: "deptid".to_owned(), value: json!("9") };
    let change = CompanyWrite {
        address: Some("新地址".to_owned()),
        custom_fields: vec![field],
        ..CompanyWrite::default()
    };
    update(desk, SAMPLE, &change).await.unwrap();
    let after = desk.agent().company(&id).await.unwrap();
    assert_eq!((after.address.as_deref(), custom(&after, "deptid")), (Some("新地址"), json!("9")));
    assert!(desk.is_now(after.updated_at), "{:?}", after.updated_at);
    assert_eq!((&after.company_name, &after.created_at), (&before.company_name, &before.created_at));
    assert_eq!(
        (&after.service_group_ids, &after.service_start),
        (&before.service_group_ids, &before.service_start)
    );
    let others = |company: &Company| {
        let fields = company.custom_fields.iter().filter(|(key, _)| key != "deptid");
        fields.cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(&after), others(&before));
}

async fn update_company_to_a_taken_name_tells_its_id(desk: &Desk) {
    match update(desk, SAMPLE, &named("金万维")).await {
        Err(Error::AlreadyExists { id, .. }) => assert_eq!(id.as_deref(), Some(JINWANWEI)),
        other => panic!("{other:?}"),
    }
    update(desk, JINWANWEI, &named("金万维")).await.unwrap();
}

async fn update_company_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(update(desk, "404", &named("某公司")).await), "not_found");
}

/// §8.6: `status` is the only trace of a way to delete one.
async fn update_company_deletes_and_restores(desk: &Desk) {
    let is_listed =
        async || ids(&all(desk.agent().companies(&CompanyFilter::default())).await).contains(&SAMPLE);
    for (status, listed) in [(2, false), (1, true)] {
        update(desk, SAMPLE, &CompanyWrite { status: Some(status), ..CompanyWrite::default() })
            .await
            .unwrap();
        assert_eq!(is_listed().await, listed);
        assert_eq!(desk.agent().company_named("测试公司a").await.unwrap().is_some(), listed);
    }
}

async fn customer_groups_are_read(desk: &Desk) {
    let groups = desk.admin().customer_groups().await.unwrap();
    let told: Vec<_> =
        groups.iter().map(|group| (group.id.as_str(), group.name.as_deref(), group.kind)).collect();
    assert_eq!(
        told,
        [
            ("1", Some("VIP客户"), Some(CustomerGroup::OF_COMPANIES)),
            ("2", Some("普通客户"), Some(CustomerGroup::OF_COMPANIES)),
            ("5", Some("个人用户"), Some(CustomerGroup::OF_CONTACTS)),
        ]
    );
}

async fn customer_group_reads_one(desk: &Desk) {
    let group = desk.admin().customer_group("5").await.unwrap();
    assert_eq!((group.id.as_str(), group.name.as_deref(), group.kind), ("5", Some("个人用户"), Some(2)));
    assert!(group.url.unwrap().ends_with("/api/v1/customergroups/5.json"));
}

async fn customer_group_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.admin().customer_group("404").await), "not_found");
}

async fn customer_groups_by_id_leave_unknown_ones_out(desk: &Desk) {
    let groups = desk.admin().customer_groups_by_id(&["5", "404", "1"]).await.unwrap();
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    assert_eq!(ids, ["5", "1"]);
}

async fn create_customer_group_reads_back_as_written(desk: &Desk) {
    let written = group(Some("重点客户"), Some(CustomerGroup::OF_CONTACTS));
    let id = desk.admin().create_customer_group(&written, &desk.request_id()).await.unwrap();
    let group = desk.admin().customer_group(&id).await.unwrap();
    assert_eq!((group.id, group.name.as_deref(), group.kind), (id, Some("重点客户"), Some(2)));
    assert_eq!(desk.admin().customer_groups().await.unwrap().len(), 4);
}

async fn create_customer_group_without_a_name_is_rejected(desk: &Desk) {
    let created = desk.admin().create_customer_group(&group(None, Some(1)), &desk.request_id()).await;
    assert_eq!(rejection(created), declined("groupName cannot be empty"));
}

async fn create_customer_group_without_a_type_is_rejected(desk: &Desk) {
    let created = desk.admin().create_customer_group(&group(Some("甲"), None), &desk.request_id()).await;
    assert_eq!(rejection(created), declined("type cannot be empty"));
}

async fn update_customer_group_changes_what_is_sent(desk: &Desk) {
    desk.admin().update_customer_group("1", &group(Some("大客户"), None), &desk.request_id()).await.unwrap();
    let group = desk.admin().customer_group("1").await.unwrap();
    assert_eq!((group.name.as_deref(), group.kind), (Some("大客户"), Some(1)));
}

async fn update_customer_group_unknown_is_not_found(desk: &Desk) {
    let updated =
        desk.admin().update_customer_group("404", &group(Some("甲"), None), &desk.request_id()).await;
    assert_eq!(code(updated), "not_found");
}

fn group(name: Option<&str>, kind: Option<u8>) -> CustomerGroupWrite {
    CustomerGroupWrite { name: name.map(str::to_owned), kind }
}

pub(crate) fn ids(companies: &[Company]) -> Vec<&str> {
    companies.iter().map(|company| company.id.as_str()).collect()
}

/// The value of a custom field, which the company must have.
pub(crate) fn custom(company: &Company, key: &str) -> Value {
    company.custom_fields.iter().find(|(own, _)| own == key).unwrap().1.clone()
}
