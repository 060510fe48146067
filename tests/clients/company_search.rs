//! Searching companies, and finding one by its name.

use deskbridge::bangwo8::{Company, CompanyId, CompanySearch, Comparison, DayField, Order};
use futures_util::TryStreamExt;
use jiff::civil::date;

use crate::company_vendor::{named, numbered, serving};

#[tokio::test]
async fn the_documented_search_is_asked_and_read() {
    let vendor = serving("companies_search");
    let search = CompanySearch::text("132")
        .unwrap()
        .on_days(DayField::Created, Comparison::After, date(2017, 7, 3))
        .sorted(DayField::Created, Order::Descending);
    let page = vendor.client().company_search_page(&search, 1, 2).await.unwrap();
    assert_eq!((page.count, page.more), (Some(100), true));
    let names: Vec<_> = page.items.iter().filter_map(|company| company.company_name.as_deref()).collect();
    assert_eq!(names, ["金万维", "金万维测试"]);
    assert_eq!(page.items[1].id, CompanyId::new("112"));
    assert_eq!(page.items[0].url.as_deref(), Some("https://www.bangwo8.com/api/v1/companies/111.json"));

    vendor.client().company_search_page(&search.with_deleted(), 1, 2).await.unwrap();
    let seen = vendor.seen();
    assert_eq!(seen[0].path, "/api/v1/companies/search.json");
    assert!(!seen[0].query.contains(' '));
    assert_eq!(seen[0].parameter("query").as_deref(), Some("132 createDT>2017-07-03"));
    assert_eq!(seen[0].parameter("sort_by").as_deref(), Some("createDT"));
    assert_eq!(seen[0].parameter("sort_order").as_deref(), Some("desc"));
    assert_eq!((seen[0].parameter("deStat"), seen[1].parameter("deStat")), (None, Some("1".into())));
}

#[tokio::test]
async fn what_is_found_is_streamed() {
    let vendor = named(numbered(150), "results");
    let search = CompanySearch::name("测试").unwrap();
    let found: Vec<Company> = vendor.client().company_search(&search).try_collect().await.unwrap();
    assert_eq!((found.len(), vendor.seen().len()), (150, 2));
}

#[tokio::test]
async fn a_company_is_found_by_its_exact_name_among_those_that_contain_it() {
    let vendor = named(vec!["金万维测试".into(), "北京金万维".into(), "金万维".into()], "results");
    let found = vendor.client().company_named("金万维").await.unwrap();
    assert_eq!(found, Some(CompanyId::new("3")));
    assert_eq!(vendor.client().company_named("金万").await.unwrap(), None);
    assert_eq!(vendor.seen()[0].parameter("query").as_deref(), Some("companyName:金万维"));
    assert_eq!(vendor.seen()[0].parameter("sort_order").as_deref(), Some("asc"));
}

#[tokio::test]
async fn a_name_with_spaces_is_searched_by_its_longest_part_and_compared_whole() {
    let vendor = named(vec!["北京金万维".into(), "北京金万维 Ltd.".into()], "results");
    let found = vendor.client().company_named(" 北京金万维 Ltd. ").await.unwrap();
    assert_eq!(found, Some(CompanyId::new("2")));
    assert_eq!(vendor.seen()[0].parameter("query").as_deref(), Some("companyName:北京金万维"));
}

#[tokio::test]
async fn a_name_without_letters_to_search_for_asks_nothing() {
    let vendor = serving("companies_search");
    for name in ["", "  ", ":"] {
        assert_eq!(vendor.client().company_named(name).await.unwrap(), None);
    }
    assert!(vendor.seen().is_empty());
}

#[tokio::test]
async fn finding_a_name_stops_at_the_page_that_has_it() {
    let vendor = named(numbered(1000), "results");
    let found = vendor.client().company_named("测试公司150").await.unwrap();
    assert_eq!((found, vendor.seen().len()), (Some(CompanyId::new("150")), 2));
}

#[tokio::test]
async fn a_name_that_too_many_others_contain_is_given_up_on_and_not_called_missing() {
    let vendor = named(numbered(10_200), "results");
    let error = vendor.client().company_named("测试公司").await.unwrap_err();
    assert_eq!((error.code(), vendor.seen().len()), ("bad_answer", 100));
}
