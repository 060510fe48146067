use std::num::NonZeroU64;

use jiff::tz;
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use super::{
    super::{
        asset_row::{AssetRow, OwnedBy, OwnerType},
        company::CompanyId,
        contact::ContactId,
    },
    *,
};

fn read(query: &str) -> Result<AssetExtension, InvalidExtension> {
    AssetExtension::from_query(query)
}

/// The filter of a configuration that is otherwise in order.
fn filter(filter: &str) -> Result<AssetFilter, InvalidExtension> {
    read(&format!("tableId=1&cPara=a:b&filter={filter}")).map(|extension| extension.filter)
}

fn key(text: &str) -> FieldKey {
    FieldKey::new(text).unwrap()
}

fn id(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap()
}

#[test]
fn the_documented_example_is_read() {
    let extension = AssetExtension::from_address(
        "https://www.bangwo8.com/osp2016/SDK/Tables/ticketAssetTable.php?tableId=3785437\
         &cPara=asset_field_1:company_price,_id:company_x\
         &filter=ownerType:company,owner:{ {company.companyId}}&display=asset_field_1,asset_field_2",
    )
    .unwrap();
    assert_eq!(extension.table, TableChoice::Id(AssetTableId::new(id(3_785_437))));
    let pairs: Vec<_> = extension
        .fillings
        .pairs()
        .iter()
        .map(|pair| (pair.asset_field.as_str(), pair.company_field.as_str()))
        .collect();
    assert_eq!(pairs, [("asset_field_1", "company_price"), ("_id", "company_x")]);
    assert_eq!(extension.filter.owner, OwnerRule::Current(PageOwner::Company));
    assert_eq!(extension.display, [key("asset_field_1"), key("asset_field_2")]);
}

#[test]
fn an_address_is_built_under_any_base_url_as_the_document_spells_it() {
    let extension = read(
        "tableName=hetong&cPara=field_1:field_9&filter=field_2:合同,ownerType:contacter,owner:{{user.cId}}",
    )
    .unwrap();
    let address = extension.address(&"https://abtest.bangwo8.com/prefix/?x=1#y".parse().unwrap());
    assert_eq!(address.path(), "/prefix/osp2016/SDK/Tables/ticketAssetTable.php");
    let parameters: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        parameters,
        [
            parameter("tableName", "hetong"),
            parameter("cPara", "field_1:field_9"),
            parameter("filter", "field_2:合同,ownerType:contacter,owner:{ {user.cId} }"),
        ]
    );
    assert_eq!(AssetExtension::from_address(address.as_str()), Ok(extension));
}

#[test]
fn a_placeholder_is_read_in_any_spacing() {
    for owner in [
        "{ {company.companyId} }",
        "{ {company.companyId}}",
        "{{company.companyId}}",
        "{{ company.companyId }}",
    ] {
        let read = filter(&format!("ownerType:company,owner:{owner}")).unwrap();
        assert_eq!(read.owner, OwnerRule::Current(PageOwner::Company), "{owner}");
    }
}

#[test]
fn the_order_of_the_two_owner_rules_does_not_matter() {
    let rule = OwnerRule::Fixed(PageOwner::Contact, id(7));
    assert_eq!(filter("ownerType:contacter,owner:7").unwrap().owner, rule);
    assert_eq!(filter("owner:7,ownerType:contacter").unwrap().owner, rule);
}

#[test]
fn what_is_given_without_a_value_is_as_good_as_not_given() {
    let bare = read("tableId=1&cPara=a:b").unwrap();
    for query in [
        "tableId=1&tableName=&cPara=a:b&filter=&display=",
        "?tableId=1&cPara=a:b,&filter=,",
        "tableId=1&cPara=a:b&filter=ownerType:,owner:,field_1:&display=,",
    ] {
        assert_eq!(read(query).unwrap(), bare, "{query}");
    }
}

#[test]
fn a_table_named_twice_is_the_one_of_the_name() {
    let extension = read("tableId=1&tableName=hetong&cPara=a:b").unwrap();
    let two = AssetTableId::new(id(2));
    assert_eq!(extension.table.resolve(|name| (name.as_str() == "hetong").then_some(two)), Ok(two));
    assert_eq!(extension.table.resolve(|_| None), Err(UnresolvedTable { name: key("hetong") }));
    let by_id = read("tableId=1&cPara=a:b").unwrap().table;
    assert_eq!(by_id.resolve(|_| None), Ok(AssetTableId::new(id(1))));
}

#[test]
fn what_is_wrong_is_said_with_what_is_allowed() {
    let page = "https://www.bangwo8.com/osp2016/SDK/Tables/ticketAssetTable.php";
    for (address, sentence) in [
        (
            "no address",
            "the configuration address is not a URL; it looks like https://www.bangwo8.com/osp2016/SDK/Tables/ticketAssetTable.php?tableId=1&cPara=field_1:field_2",
        ),
        (
            "https://www.bangwo8.com/osp2016/other.php?tableId=1",
            "`/osp2016/other.php` is not the extension's page; the path of a configuration address ends in /osp2016/SDK/Tables/ticketAssetTable.php",
        ),
        (page, "no asset table is named; give tableId, tableName or both (then tableName wins)"),
    ] {
        assert_eq!(AssetExtension::from_address(address).unwrap_err().to_string(), sentence);
    }
    for (query, sentence) in [
        ("cPara=a:b", "no asset table is named; give tableId, tableName or both (then tableName wins)"),
        (
            "tableId=1",
            "cPara is missing; give at least one pair `asset_field:company_field`, or `_id:company_field`",
        ),
        ("tableId=合同&cPara=a:b", "tableId `合同` is not an id; allowed is a whole number above 0"),
        ("tableId=0&cPara=a:b", "tableId `0` is not an id; allowed is a whole number above 0"),
        (
            "tableid=1&cPara=a:b",
            "there is no parameter `tableid`; allowed are tableId, tableName, cPara, filter and display",
        ),
        ("tableId=1&tableId=2&cPara=a:b", "`tableId` is given more than once; allowed is once"),
        (
            "tableId=1&cPara=a-b",
            "`a-b` in cPara is not a pair; allowed is `asset_field:company_field`, pairs joined by commas",
        ),
        (
            "tableId=1&cPara=:b",
            "`` cannot be an identifier; it must not be empty nor contain a comma, a colon or white space",
        ),
        (
            "tableId=1&cPara=a:b:c",
            "`b:c` cannot be an identifier; it must not be empty nor contain a comma, a colon or white space",
        ),
        (
            "tableId=1&cPara=a:b,c:b",
            "the company field `b` is filled twice in cPara; name each company field once",
        ),
        (
            "tableId=1&cPara=a:b&display=a b",
            "`a b` cannot be an identifier; it must not be empty nor contain a comma, a colon or white space",
        ),
    ] {
        assert_eq!(read(query).unwrap_err().to_string(), sentence);
    }
    for (text, sentence) in [
        (
            "a:1,2",
            "`2` in filter is not a condition; allowed is `asset_field:value`, conditions joined by commas, and no comma in a value",
        ),
        ("ownerType:user", "ownerType `user` is unknown; allowed are contacter and company"),
        ("ownerType:company,ownerType:company", "`ownerType` is given more than once; allowed is once"),
        (
            "owner:{{user.id}}",
            "owner `{{user.id}}` is neither an id nor a placeholder; allowed are a whole number above 0, { {user.cId} } and { {company.companyId} }",
        ),
        (
            "ownerType:company,owner:{{user.cId}}",
            "owner { {user.cId} } does not go with ownerType company; allowed is { {company.companyId} } or an id",
        ),
    ] {
        assert_eq!(filter(text).unwrap_err().to_string(), sentence);
    }
    assert_eq!(
        Condition::new(key("owner"), "1").unwrap_err().to_string(),
        "`owner` is a rule about owners and not a field of the asset table"
    );
}

#[test]
fn whose_rows_are_offered_depends_on_the_rule_and_on_the_page() {
    let page = PageContext { contact_id: Some(ContactId::new("11")), company_id: Some(CompanyId::new("22")) };
    let owned =
        |owner_type, owner: Option<&str>| Some(OwnedBy { owner_type, owner: owner.map(str::to_owned) });
    for (rule, on_the_page, on_an_empty_page) in [
        ("", None, None),
        // Note 4: without ownerType, owner is ignored.
        ("owner:7", None, None),
        ("owner:{{company.companyId}}", None, None),
        ("ownerType:company", owned(OwnerType::Company, None), owned(OwnerType::Company, None)),
        (
            "ownerType:company,owner:7",
            owned(OwnerType::Company, Some("7")),
            owned(OwnerType::Company, Some("7")),
        ),
        // Note 4: placeholders without data on the page have no effect.
        ("ownerType:company,owner:{{company.companyId}}", owned(OwnerType::Company, Some("22")), None),
        ("ownerType:contacter,owner:{{user.cId}}", owned(OwnerType::Contact, Some("11")), None),
    ] {
        let rule = filter(rule).unwrap().owner;
        assert_eq!(rule.on(&page), on_the_page, "{rule:?}");
        for nothing in [None, Some(""), Some("0")] {
            let empty = PageContext {
                contact_id: nothing.map(ContactId::new),
                company_id: nothing.map(CompanyId::new),
            };
            assert_eq!(rule.on(&empty), on_an_empty_page, "{rule:?}");
        }
    }
}

fn row(value: Value) -> AssetRow {
    AssetRow::read(&value, &tz::offset(8).to_time_zone()).unwrap()
}

#[test]
fn a_row_passes_if_every_column_contains_what_is_asked_for() {
    let row = row(json!({"rId": 1, "field_1": "联想ThinkPad X1", "field_2": 60, "field_3": null}));
    for (conditions, passes) in [
        ("", true),
        ("field_1:thinkpad", true),
        ("field_1:联想,field_2:6", true),
        ("field_1:联想,field_2:7", false),
        ("field_3:x", false),
        ("field_9:x", false),
        // The row's own keys are no columns.
        ("rId:1", false),
    ] {
        assert_eq!(filter(conditions).unwrap().passes(&row), passes, "{conditions}");
    }
}

#[test]
fn a_chosen_row_fills_the_company_fields_with_text() {
    let extension =
        read("tableId=1&cPara=_id:field_1,a:field_2,n:field_3,e:field_4,c:field_5,gone:field_6,f:field_7")
            .unwrap();
    let row = row(json!({
        "rId": "25", "a": "甜甜圈", "n": 60, "e": "", "c": ["北京市", "海淀"], "f": [{"name": "a.jpg"}],
    }));
    let written = serde_json::to_value(extension.company_fields(&row)).unwrap();
    assert_eq!(
        written,
        json!([
            {"key": "field_1", "value": "25"},
            {"key": "field_2", "value": "甜甜圈"},
            {"key": "field_3", "value": "60"},
            {"key": "field_4", "value": ""},
            {"key": "field_5", "value": "北京市,海淀"},
        ])
    );
}

fn any_key() -> impl Strategy<Value = FieldKey> {
    "[^,:\\s\\p{C}]{1,12}|_id|field_[0-9]{1,3}".prop_map(|text| key(&text))
}

fn any_table() -> impl Strategy<Value = TableChoice> {
    let table_id = || any::<NonZeroU64>().prop_map(AssetTableId::new);
    prop_oneof![
        table_id().prop_map(TableChoice::Id),
        any_key().prop_map(TableChoice::Name),
        (table_id(), any_key()).prop_map(|(id, name)| TableChoice::Both(id, name)),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let value = "[^,]{0,16}".prop_filter("a value is not blank", |value| !value.trim().is_empty());
    (any_key(), value).prop_map(|(key, value)| Condition::new(key, &value).unwrap())
}

fn any_rule() -> impl Strategy<Value = OwnerRule> {
    let kind = || prop::sample::select(vec![PageOwner::Contact, PageOwner::Company]);
    let owner = || prop_oneof![kind().prop_map(Owner::Current), any::<NonZeroU64>().prop_map(Owner::Id)];
    let rules = (prop::option::of(kind()), prop::option::of(owner()));
    rules.prop_filter_map("a placeholder of the other kind", |(kind, owner)| OwnerRule::new(kind, owner).ok())
}

fn any_extension() -> impl Strategy<Value = AssetExtension> {
    let pairs = prop::collection::btree_map(any_key(), any_key(), 1..5).prop_map(|pairs| {
        let pair = |(company_field, asset_field)| Filling { asset_field, company_field };
        Fillings::new(pairs.into_iter().map(pair).collect()).unwrap()
    });
    let filter = (prop::collection::vec(any_condition(), 0..4), any_rule())
        .prop_map(|(conditions, owner)| AssetFilter { conditions, owner });
    (any_table(), pairs, filter, prop::collection::vec(any_key(), 0..4))
        .prop_map(|(table, fillings, filter, display)| AssetExtension { table, fillings, filter, display })
}

proptest! {
    #[test]
    fn what_was_built_is_read_back_the_same(extension in any_extension()) {
        let base: Url = "https://www.bangwo8.com".parse().unwrap();
        prop_assert_eq!(AssetExtension::from_address(extension.address(&base).as_str()), Ok(extension.clone()));
        prop_assert_eq!(AssetExtension::from_query(&extension.query()), Ok(extension));
    }

    #[test]
    fn what_was_read_is_built_and_read_back_the_same(
        query in "(tableId=[0-9a-z]{0,3}&?|tableName=[a-z ]{0,3}&?|cPara=[a-z_:,]{0,9}&?|filter=[a-z:, {}]{0,20}&?|filter=owner:[0-9]{1,2}&?|display=[a-z,]{0,6}&?){1,5}",
    ) {
        if let Ok(extension) = AssetExtension::from_query(&query) {
            prop_assert_eq!(AssetExtension::from_query(&extension.query()), Ok(extension));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _query = AssetExtension::from_query(&text);
        if let Err(error) = AssetExtension::from_address(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
