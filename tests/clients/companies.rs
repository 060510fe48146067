//! Companies as the vendor's document shows them.

use std::pin::pin;

use actix_web::HttpResponse;
use deskbridge::bangwo8::{
    Company, CompanyFilter, CompanyId, CompanyWrite, CustomFieldWrite, Error, Order, Retry, Window,
};
use futures_util::{StreamExt, TryStreamExt};
use jiff::civil::date;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    company_vendor::{named, numbered, serving},
    documents::{document, document_json},
    vendor::{Vendor, json as answer, request_id},
};

fn password(company: &Company) -> Option<&str> {
    company.service_password.as_ref().map(ExposeSecret::expose_secret)
}

#[tokio::test]
async fn the_documented_list_is_read() {
    let vendor = serving("companies_list");
    let page = vendor.client().companies_page(&CompanyFilter::default(), 1, 100).await.unwrap();
    assert_eq!((page.items.len(), page.count, page.more), (2, None, false));
    let [first, second] = &page.items[..] else { panic!("{page:?}") };
    assert_eq!(first.id, CompanyId::new("9516936"));
    assert_eq!(first.company_name.as_deref(), Some("测试公司2"));
    assert_eq!((first.province.as_deref(), first.city.as_deref()), (Some("吉林"), Some("长春")));
    assert_eq!((first.service_start, first.service_end), (Some(date(2021, 9, 28)), Some(date(2022, 1, 31))));
    assert_eq!((first.service_account.as_deref(), password(first)), (Some("002"), Some("002")));
    assert_eq!((&first.support_id, &first.address, &first.user_group), (&None, &None, &None));
    assert_eq!(first.service_charge.as_deref(), Some("0.00"));
    assert_eq!(first.created_at.unwrap().to_string(), "2021-09-28T03:38:56Z");
    assert_eq!(first.custom_fields[1], ("field_1".to_owned(), json!(["天津市"])));
    assert_eq!((second.service_start, second.service_end, password(second)), (None, None, None));
    assert_eq!(second.multi_service_list.as_deref(), Some("N1331193N"));
    assert_eq!(second.custom_fields[1].1, json!(["北京市", "二级1", "三级1", "四级1", "五级2"]));
}

#[tokio::test]
async fn the_documented_company_is_read() {
    let vendor = serving("company_one");
    let company = vendor.client().company(&CompanyId::new("12352625")).await.unwrap();
    assert_eq!(vendor.seen()[0].path, "/api/v1/companies/12352625.json");
    assert_eq!(company.company_name.as_deref(), Some("测试公司a"));
    assert_eq!(company.service_group_ids.as_deref(), Some("344124,344214,344217"));
    assert_eq!(password(&company), Some("12345"));
    assert_eq!(company.updated_at.unwrap().to_string(), "2022-11-30T09:41:20Z");
    let values: Vec<&str> = company.custom_fields.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(values, ["deptid", "field_1", "field_2", "gjfx", "fxk"]);
    assert_eq!(company.custom_fields[3].1, json!("4672422,4672423,4672424"));
}

#[tokio::test]
async fn the_documented_object_is_read_with_dates_for_times() {
    let vendor =
        Vendor::start(|_, _| answer(json!({"company": document_json("company_object")}).to_string()));
    let company = vendor.client().company(&CompanyId::new("111")).await.unwrap();
    assert_eq!(company.id, CompanyId::new("111"));
    assert_eq!(company.url.as_deref(), Some("https://www.bangwo8.com/api/v1/companies/111.json"));
    assert_eq!(company.user_group.as_deref(), Some("221"));
    assert_eq!(company.created_at.unwrap().to_string(), "2016-12-20T16:00:00Z");
    assert_eq!(company.custom_fields[2].1, json!("下拉菜单的某一项"));
}

#[tokio::test]
async fn a_company_that_is_not_there_is_not_found() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/companies/1.json" => HttpResponse::NotFound().body(""),
        "/api/v1/companies/2.json" => answer(r#"{"company":[]}"#),
        _ => answer(r#"{"company":{"companyName":"无编号"}}"#),
    });
    for (id, code) in [("1", "not_found"), ("2", "not_found"), ("3", "bad_answer")] {
        assert_eq!(vendor.client().company(&CompanyId::new(id)).await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn several_companies_are_read_a_hundred_at_a_time() {
    let vendor = serving("companies_show_many");
    let ids = ["1", "2", "3"].map(CompanyId::new);
    let companies = vendor.client().companies_by_id(&ids).await.unwrap();
    assert_eq!(companies.iter().map(|company| company.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(vendor.seen()[0].path, "/api/v1/companies/show_many.json");
    assert_eq!(vendor.seen()[0].parameter("ids").as_deref(), Some("1,2,3"));

    let vendor = serving("companies_show_many");
    let ids: Vec<CompanyId> = (1..=250).map(|id: u32| CompanyId::new(id.to_string())).collect();
    vendor.client().companies_by_id(&ids).await.unwrap();
    let asked = vendor
        .seen()
        .iter()
        .map(|seen| seen.parameter("ids").unwrap().split(',').count())
        .collect::<Vec<_>>();
    assert_eq!(asked, [100, 100, 50]);
    assert!(vendor.client().companies_by_id(&[]).await.unwrap().is_empty());
    assert_eq!(vendor.seen().len(), 3);
}

#[tokio::test]
async fn a_filter_is_sent_as_documented() {
    let vendor = serving("companies_list");
    let filter = CompanyFilter {
        created: Window { start: Some(date(2012, 1, 1)), end: Some(date(2012, 12, 31)) },
        updated: Window { start: Some(date(2013, 1, 1)), end: None },
        created_order: Some(Order::Ascending),
        updated_order: Some(Order::Descending),
        with_deleted: true,
    };
    vendor.client().companies_page(&filter, 3, 50).await.unwrap();
    vendor.client().companies_page(&CompanyFilter::default(), 1, 100).await.unwrap();
    let queries: Vec<String> = vendor.seen().into_iter().map(|seen| seen.query).collect();
    assert_eq!(
        queries,
        [
            "created_start=2012-01-01&created_end=2012-12-31&updated_start=2013-01-01&created_order=asc\
             &updated_order=desc&deStat=1&page=3&per_page=50",
            "page=1&per_page=100"
        ]
    );
}

#[tokio::test]
async fn companies_are_streamed_to_a_short_page_and_read_only_when_needed() {
    for (count, calls) in [(250, 3), (200, 3), (99, 1), (0, 1)] {
        let vendor = named(numbered(count), "companies");
        let companies: Vec<Company> =
            vendor.client().companies(&CompanyFilter::default()).try_collect().await.unwrap();
        assert_eq!((companies.len(), vendor.seen().len()), (count, calls));
    }
    let vendor = named(numbered(250), "companies");
    let mut companies = pin!(vendor.client().companies(&CompanyFilter::default()));
    assert!(vendor.seen().is_empty());
    for _ in 0..100 {
        companies.next().await.unwrap().unwrap();
    }
    assert_eq!(vendor.seen().len(), 1);
    companies.next().await.unwrap().unwrap();
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn a_vendor_that_repeats_a_page_for_ever_does_not_hold_the_stream() {
    let page: Vec<Value> = (1..=100).map(|id| json!({"uId": id})).collect();
    let vendor = Vendor::start(move |_, _| answer(json!({"companies": page}).to_string()));
    let companies: Vec<_> = vendor.client().companies(&CompanyFilter::default()).collect().await;
    assert_eq!((companies.len(), vendor.seen().len()), (100, 2));
}

#[tokio::test]
async fn the_first_error_ends_the_stream() {
    let page: Vec<Value> = (1..=100).map(|id| json!({"uId": id})).collect();
    let vendor = Vendor::start(move |_, before| match before {
        0 => answer(json!({"companies": page}).to_string()),
        _ => answer("<html>"),
    });
    let companies: Vec<_> = vendor.client().companies(&CompanyFilter::default()).collect().await;
    assert_eq!((companies.len(), vendor.seen().len()), (101, 2));
    assert_eq!(companies[100].as_ref().unwrap_err().code(), "bad_answer");
}

#[tokio::test]
async fn a_company_is_created_and_changed_as_in_the_document() {
    let vendor = Vendor::start(|seen, _| match seen.method.as_str() {
        "POST" => answer(document("company_created")),
        _ => answer(document("company_updated")),
    });
    let client = vendor.client();
    let field = |key: &str, value: &str| CustomFieldWrite { key: key.into(), value: value.into() };
    let company = CompanyWrite {
        company_name: Some("测试公司API".into()),
        custom_fields: vec![field("field_1", "华中"), field("field_3", "是")],
        ..CompanyWrite::default()
    };
    let id = client.create_company(&company, &request_id()).await.unwrap();
    assert_eq!(id, CompanyId::new("11"));
    let change = CompanyWrite {
        company_name: Some("北京金万维科技有限公司".into()),
        service_group_ids: Some("344124,344214,344217".into()),
        ..CompanyWrite::default()
    };
    client.update_company(&CompanyId::new("123"), &change, &request_id()).await.unwrap();

    let seen = vendor.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", "/api/v1/companies.json"));
    assert_eq!((seen[1].method.as_str(), seen[1].path.as_str()), ("PUT", "/api/v1/companies/123.json"));
    assert_eq!(seen[0].json(), document_json("company_create_request"));
    assert_eq!(seen[1].json(), document_json("company_update_request"));
    assert!(seen.iter().all(|seen| seen.header("requestid") == Some("evt-1")));
}

#[tokio::test]
async fn a_created_companys_id_is_found_in_each_kind_of_answer() {
    for body in [
        r#"{"company":{"uId":"11"}}"#,
        r#"{"company":[{"uId":11}]}"#,
        r#"{"status":"0","message":"Insert ok","data":{"companyId":"11"}}"#,
        r#"{"status":"0","message":"Insert ok","data":"11"}"#,
    ] {
        let vendor = Vendor::start(move |_, _| answer(body));
        let id = vendor.client().create_company(&CompanyWrite::default(), &request_id()).await.unwrap();
        assert_eq!(id.as_str(), "11", "{body}");
    }
    let vendor = Vendor::start(|_, _| {
        let location = ("Location", "https://www.bangwo8.com/api/v1/companies/11.json");
        HttpResponse::Ok()
            .insert_header(location)
            .body(r#"{"status":"0","message":"Insert ok","data":false}"#)
    });
    let id = vendor.client().create_company(&CompanyWrite::default(), &request_id()).await.unwrap();
    assert_eq!(id.as_str(), "11");
    let vendor = Vendor::start(|_, _| answer("{}"));
    let error = vendor.client().create_company(&CompanyWrite::default(), &request_id()).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("created_id_unknown", false));
}

#[tokio::test]
async fn a_name_that_is_taken_names_the_company_that_has_it() {
    for status in [200, 400, 403] {
        let vendor = Vendor::start(move |_, _| {
            HttpResponse::build(status.try_into().unwrap()).body(document("company_exists"))
        });
        let error =
            vendor.client().create_company(&CompanyWrite::default(), &request_id()).await.unwrap_err();
        assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
        match error {
            Error::AlreadyExists { id, .. } => assert_eq!(id.as_deref(), Some("14650146")),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_documented_company_fields_are_read() {
    let vendor = serving("company_fields");
    let fields = vendor.client().company_fields().await.unwrap();
    assert_eq!(vendor.seen()[0].path, "/api/v1/companies/company_fields.json");
    assert_eq!((fields[0].id.as_str(), fields[0].key.as_deref()), ("1", Some("field_10")));
    assert_eq!((fields[0].field_type, fields[0].system), (Some(1), Some(false)));
    assert_eq!(
        (fields[0].options[0].key.as_str(), fields[0].options[0].value.as_str()),
        ("231", "在线客服模块")
    );
}
