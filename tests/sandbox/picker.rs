use reqwest::{Method, StatusCode};

use crate::support::Desk;

async fn page(desk: &Desk, params: &[(&str, &str)]) -> (StatusCode, String) {
    let request = desk.agent(Method::GET, "/osp2016/SDK/Tables/ticketAssetTable.php").query(params);
    let response = request.send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// How many rows of the elevators a filter leaves.
async fn rows(desk: &Desk, filter: &str) -> usize {
    let params = [("tableId", "1021"), ("cPara", "field_1:field_6"), ("filter", filter)];
    page(desk, &params).await.1.matches("<tr data-fill").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_asset_page_shows_the_columns_asked_for_and_what_a_row_fills_in() {
    let desk = Desk::start().await;
    let mapped = "field_1:field_6,_id:deptid";
    let all = [("tableId", "1021"), ("cPara", mapped)];
    let (status, html) = page(&desk, &all).await;
    assert_eq!(status, 200);
    for column in ["电梯编号", "型号", "安装地点", "安装日期"] {
        assert!(html.contains(&format!("<th>{column}</th>")), "{html}");
    }
    assert!(html.contains("<td>汉威国际广场 &amp; 附楼</td>"));
    let filled = "data-fill=\"{&quot;field_6&quot;:&quot;DT-0100&quot;,&quot;deptid&quot;:&quot;3&quot;}\"";
    assert!(html.contains(filled), "{html}");
    let (_, html) = page(&desk, &[all.as_slice(), &[("display", "field_3,field_1")]].concat()).await;
    assert!(html.contains("<tr><th>电梯编号</th><th>安装地点</th></tr>"), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_asset_page_filters_by_columns_and_owner() {
    let desk = Desk::start().await;
    assert_eq!(rows(&desk, "").await, 4);
    assert_eq!(rows(&desk, "ownerType:company,owner:14650146").await, 2);
    assert_eq!(rows(&desk, "ownerType:company,owner:14650146,field_3:东侧").await, 1);
    assert_eq!(rows(&desk, "ownerType:contacter").await, 1);
    assert_eq!(rows(&desk, "ownerType:company,owner:").await, 3);
    assert_eq!(rows(&desk, "ownerType:,owner:14650146").await, 4);
    assert_eq!(rows(&desk, "field_2:800").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_asset_page_needs_a_table_a_mapping_and_credentials() {
    let desk = Desk::start().await;
    let both = [("tableId", "1021"), ("tableName", "contracts"), ("cPara", "field_3:field_6")];
    assert!(page(&desk, &both).await.1.contains("<caption>合同台账</caption>"));
    for params in [&[("cPara", "field_3:field_6")], &[("tableId", "1021")]] {
        assert_eq!(page(&desk, params).await.0, 400, "{params:?}");
    }
    assert_eq!(page(&desk, &[("tableName", "none"), ("cPara", "a:b")]).await.0, 400);
    let open = desk.request(Method::GET, "/osp2016/SDK/Tables/ticketAssetTable.php");
    assert_eq!(open.send().await.unwrap().status(), 401);
}
