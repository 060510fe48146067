//! Searching companies and finding one by its name (§8.4).

use deskbridge::bangwo8::{Company, CompanyId, CompanySearch, Comparison, DayField, Order};
use jiff::civil::{Date, date};

use super::{
    companies::ids,
    desk::Desk,
    lists::{all, ascends, descends, paged},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    company_search_by_a_part_of_the_name,
    company_search_by_the_whole_service_account,
    company_search_by_a_custom_field,
    company_search_by_a_text,
    company_search_compares_days,
    company_search_compares_days_of_the_last_change,
    company_search_sorts,
    company_search_pages_make_up_the_whole,
    company_search_leaves_deleted_ones_out_unless_asked,
    company_search_results_have_their_fields,
    company_named_is_exact_among_names_that_contain_it,
    company_named_with_spaces,
    company_named_unknown_is_none,
    company_named_deleted_is_none,
];

async fn found(desk: &Desk, search: CompanySearch) -> Vec<Company> {
    all(desk.agent().company_search(&search)).await
}

fn name(text: &str) -> CompanySearch {
    CompanySearch::name(text).unwrap()
}

async fn company_search_by_a_part_of_the_name(desk: &Desk) {
    assert_eq!(ids(&found(desk, name("金万维")).await), ["111", "112"]);
    assert_eq!(ids(&found(desk, name("万维测")).await), ["112"]);
    assert_eq!(ids(&found(desk, name("没有这家")).await), Vec::<&str>::new());
}

async fn company_search_by_the_whole_service_account(desk: &Desk) {
    let account = |text| CompanySearch::service_account(text).unwrap();
    assert_eq!(ids(&found(desk, account("gnkefu")).await), ["111"]);
    assert_eq!(ids(&found(desk, account("gnkef")).await), Vec::<&str>::new());
}

/// §13, 25: said in one place to be searched, and in another not to be.
async fn company_search_by_a_custom_field(desk: &Desk) {
    let field = CompanySearch::field("deptid", "HX-").unwrap();
    assert_eq!(ids(&found(desk, field).await), ["12352630"]);
}

async fn company_search_by_a_text(desk: &Desk) {
    let text = CompanySearch::text("gnkefu2").unwrap();
    assert_eq!(ids(&found(desk, text).await), ["112"]);
}

async fn company_search_compares_days(desk: &Desk) {
    let created = date(2010, 7, 13);
    let compared = [
        (Comparison::Before, vec!["111"]),
        (Comparison::UpTo, vec!["111", "112"]),
        (Comparison::On, vec!["112"]),
        (Comparison::From, vec!["112"]),
        (Comparison::After, vec![]),
    ];
    assert_compared(desk, DayField::Created, created, compared).await;
}

async fn company_search_compares_days_of_the_last_change(desk: &Desk) {
    let updated = date(2011, 7, 13);
    let compared = [
        (Comparison::Before, vec![]),
        (Comparison::UpTo, vec!["112"]),
        (Comparison::On, vec!["112"]),
        (Comparison::From, vec!["111", "112"]),
        (Comparison::After, vec!["111"]),
    ];
    assert_compared(desk, DayField::Updated, updated, compared).await;
}

async fn assert_compared(desk: &Desk, field: DayField, day: Date, compared: [(Comparison, Vec<&str>); 5]) {
    for (comparison, expected) in compared {
        let search = name("金万维").on_days(field, comparison, day);
        assert_eq!(ids(&found(desk, search).await), expected, "{field} {comparison:?} {day}");
    }
}

async fn company_search_sorts(desk: &Desk) {
    for order in [Order::Ascending, Order::Descending] {
        let by_creation = found(desk, name("公司").sorted(DayField::Created, order)).await;
        let created: Vec<_> = by_creation.iter().map(|company| company.created_at).collect();
        let by_update = found(desk, name("公司").sorted(DayField::Updated, order)).await;
        let updated: Vec<_> = by_update.iter().map(|company| company.updated_at).collect();
        assert!(created.len() >= 3 && created.len() == updated.len());
        match order {
            Order::Ascending => assert!(ascends(&created) && ascends(&updated)),
            Order::Descending => assert!(descends(&created) && descends(&updated)),
        }
    }
}

async fn company_search_pages_make_up_the_whole(desk: &Desk) {
    let search = name("公司");
    let pages = paged(async |page, size| desk.agent().company_search_page(&search, page, size).await).await;
    let walked = all(desk.agent().company_search(&search)).await;
    assert_eq!(ids(&walked), ids(&pages));
    assert!(walked.iter().all(|company| company.company_name.as_deref().unwrap().contains("公司")));
}

async fn company_search_leaves_deleted_ones_out_unless_asked(desk: &Desk) {
    assert_eq!(ids(&found(desk, name("已注销")).await), Vec::<&str>::new());
    assert_eq!(ids(&found(desk, name("已注销").with_deleted()).await), ["12352641"]);
}

async fn company_search_results_have_their_fields(desk: &Desk) {
    let found = found(desk, name("金万维")).await;
    assert_eq!(found[0].company_name.as_deref(), Some("金万维"));
    assert_eq!(found[0].created_at, Some(desk.at("2009-05-13 10:07:08")));
    assert_eq!(found[0].updated_at, Some(desk.at("2011-07-22 11:11:12")));
    assert!(found[0].url.as_deref().unwrap().ends_with("/api/v1/companies/111.json"));
}

/// The search finds every name that contains the text; taking the first hit is wrong (§8.4).
async fn company_named_is_exact_among_names_that_contain_it(desk: &Desk) {
    assert_eq!(desk.agent().company_named("金万维").await.unwrap(), Some(CompanyId::new("111")));
    assert_eq!(desk.agent().company_named("金万维测试").await.unwrap(), Some(CompanyId::new("112")));
    assert_eq!(desk.agent().company_named("万维").await.unwrap(), None);
}

/// The search itself takes no spaces (§8.4).
async fn company_named_with_spaces(desk: &Desk) {
    assert_eq!(desk.agent().company_named("华信 电梯").await.unwrap(), Some(CompanyId::new("12352630")));
    assert_eq!(desk.agent().company_named("华信电梯").await.unwrap(), None);
}

async fn company_named_unknown_is_none(desk: &Desk) {
    assert_eq!(desk.agent().company_named("没有这家公司").await.unwrap(), None);
    assert_eq!(desk.agent().company_named("  ").await.unwrap(), None);
}

async fn company_named_deleted_is_none(desk: &Desk) {
    assert_eq!(desk.agent().company_named("已注销的公司").await.unwrap(), None);
}
