use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Desk, parsed};

async fn search(desk: &Desk, table: &str, params: &[(&str, &str)]) -> Answer {
    let path = format!("/api/v1/forms/asset_form/{table}/search.json");
    parsed(desk.agent(Method::GET, &path).query(params)).await
}

async fn create(desk: &Desk, rows: Value) -> Answer {
    desk.write(Method::POST, "/forms/asset_form/1021.json", json!({"items_data": rows})).await
}

/// The first column of the rows found in the first table.
async fn numbers(desk: &Desk, query: &str) -> Vec<String> {
    let (_, body) = search(desk, "1021", &[("query", query)]).await;
    let rows = body["asset_table"]["datas"].as_array().unwrap();
    rows.iter().map(|row| row["field_1"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_an_owner_are_found_with_their_columns_beside_the_owner() {
    let desk = Desk::start().await;
    let (status, body) = search(&desk, "1022", &[("query", "owner:14650146 ownerType:company")]).await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"asset_table": {"total": "1", "datas": [{
            "rId": "1", "tableId": "1022", "ownerType": "company", "owner": "14650146", "ticketId": "0",
            "createTime": "2023-02-11 09:30:00", "updateTime": "2023-02-11 09:30:00",
            "field_3": "C-10014850", "field_4": "HT-2023-014"
        }]}})
    );
    assert_eq!(numbers(&desk, "owner:14650146 ownerType:company").await, ["DT-0001", "DT-0002"]);
    assert_eq!(numbers(&desk, "owner:21130282 ownerType:contacter").await, ["DT-0200"]);
    assert_eq!(numbers(&desk, "owner:21130282 ownerType:company").await, [""; 0]);
    assert_eq!(numbers(&desk, "owner:1465 ownerType:company").await, [""; 0]);
    assert_eq!(numbers(&desk, "field_2:HX-6").await, ["DT-0100"]);
    assert_eq!(numbers(&desk, "DT-0001").await, [""; 0]);
    assert_eq!(numbers(&desk, "").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_pages_of_twenty_and_a_total_follows_its_switch() {
    let desk = Desk::start().await;
    let row =
        |number: u32| json!({"owner": 111, "ownerType": "company", "field_1": format!("新-{number:03}")});
    let rows: Vec<Value> = (0..25).map(row).collect();
    assert_eq!(create(&desk, json!(rows)).await.1["status"], "0");
    assert_eq!(numbers(&desk, "field_1:新").await.len(), 20);
    desk.switch("counts", json!("number")).await;
    let (_, second) =
        search(&desk, "1021", &[("query", "field_1:新"), ("page", "2"), ("per_page", "10")]).await;
    assert_eq!(second["asset_table"]["total"], 25);
    assert_eq!(second["asset_table"]["datas"][0]["field_1"], "新-010");
}

#[tokio::test(flavor = "multi_thread")]
async fn created_rows_are_stored_for_every_kind_of_owner() {
    let desk = Desk::start().await;
    let rows = json!([
        {"owner": "14650146", "ownerType": "company", "field_1": "DT-0301", "field_4": "2024-01-01"},
        {"owner": 21_130_282, "ownerType": "contacter", "field_1": 302},
        {"owner": "601993", "ownerType": "agent"},
        {"owner": "565123", "ownerType": "servicer"},
        {"owner": "344124", "ownerType": "servicerGroup", "field_2": null, "其他": "x"}
    ]);
    let (status, body) = create(&desk, rows).await;
    assert_eq!(
        (status, body),
        (StatusCode::OK, json!({"status": "0", "message": "Insert ok", "data": false}))
    );
    let effect = json!({"kind": "asset_rows_created", "tableId": 1021, "rIds": [5, 6, 7, 8, 9]});
    assert_eq!(desk.requests("?method=POST").await[0]["effect"], effect);
    assert_eq!(numbers(&desk, "owner:21130282 ownerType:contacter").await, ["DT-0200", "302"]);
    let (_, found) = search(&desk, "1021", &[("query", "field_1:DT-0301")]).await;
    let row = &found["asset_table"]["datas"][0];
    assert_eq!(
        (&row["rId"], &row["field_4"], &row["field_3"]),
        (&json!("5"), &json!("2024-01-01"), &json!(""))
    );
    assert_eq!(row["createTime"].as_str().unwrap().len(), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_a_mistake_are_refused_together() {
    let desk = Desk::start().await;
    let good = json!({"owner": 111, "ownerType": "company", "field_1": "新"});
    for (bad, message) in [
        (json!({"ownerType": "company"}), "owner cannot be empty"),
        (json!({"owner": 111}), "ownerType cannot be empty"),
        (json!({"owner": 111, "ownerType": "customer"}), "ownerType is invalid"),
        (json!({"owner": "金万维", "ownerType": "company"}), "owner is invalid"),
        (json!({"owner": 5, "ownerType": "company"}), "owner does not exist"),
        (json!({"owner": 5, "ownerType": "contacter"}), "owner does not exist"),
        (json!({"owner": 111, "ownerType": "company", "field_9": "a"}), "field_9 does not exist"),
        (json!({"owner": 111, "ownerType": "company", "field_1": []}), "field_1 is invalid"),
        (json!("行"), "items_data is invalid"),
    ] {
        let expected = json!({"status": "403", "errorMsg": message, "data": false});
        assert_eq!(create(&desk, json!([good, bad])).await, (StatusCode::OK, expected), "{bad}");
    }
    for rows in [json!([]), json!(null), json!({})] {
        assert_eq!(create(&desk, rows).await.1["errorMsg"], "items_data cannot be empty");
    }
    assert_eq!(numbers(&desk, "field_1:新").await, [""; 0]);
    desk.switch("business_error_status", json!(400)).await;
    assert_eq!(create(&desk, json!([])).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_table_is_not_found() {
    let desk = Desk::start().await;
    assert_eq!(search(&desk, "7", &[]).await.0, 404);
    let (status, _) = desk.write(Method::POST, "/forms/asset_form/7.json", json!({"items_data": []})).await;
    assert_eq!(status, 404);
}
