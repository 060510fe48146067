//! What a mapping counts on against fields that stand in a test.

use std::path::PathBuf;

use deskbridge::{
    diagnostic::Place,
    mapping::{
        Expectations, ExpectedField, ExpectedRows, Field, FieldKind, FieldOption, Takes,
        drift::{Drift, FieldLists, Sides, changes, compare},
    },
};

fn field(name: &str, takes: Takes) -> Field {
    let label = Some("城市".to_owned());
    Field { name: name.into(), label, kind: takes, options: Vec::new(), mandatory: false, unwritable: None }
}

fn option(index: &str, name: &str) -> FieldOption {
    FieldOption { index: index.into(), name: name.into(), hidden: false, subs: Vec::new() }
}

fn expected(name: &str, kind: FieldKind) -> ExpectedField {
    let file = PathBuf::from("mappings/acme.yaml");
    let place = Place { line: 14, column: 7 };
    let (options, at) = (Vec::new(), "ticket.custom_fields.TextField_1".to_owned());
    ExpectedField { name: name.into(), kind, options, parks_unknown: true, at, file, place }
}

fn rows(others: bool) -> Option<ExpectedRows> {
    Some(ExpectedRows { others, file: PathBuf::from("mappings/acme.yaml"), place: Place::default() })
}

/// One row of tickets, from a field that holds something to one that takes something.
fn told(kind: FieldKind, holds: Option<Takes>, takes: Takes) -> Vec<(Drift, bool)> {
    let expects = Expectations {
        ticket_fields: vec![expected("field_1", kind)],
        source_fields: vec![expected("TextField_1", kind)],
        ticket_rows: rows(false),
        ..Expectations::default()
    };
    let source = holds.map(|holds| vec![field("TextField_1", holds)]);
    let ticket = Sides { source, target: Some(vec![field("field_1", takes)]) };
    let found = compare(&expects, &FieldLists { ticket, ..FieldLists::default() });
    found.iter().map(|finding| (finding.drift, finding.diagnostic.is_error())).collect()
}

#[test]
fn what_a_row_writes_fits_or_does_not_fit_the_target_by_its_type() {
    use FieldKind::{
        Cascade, Choice, Choices, Date, DateTime, Html, Id, Link, List, Number, Phone, Text, YesNo,
    };
    let fits: &[(FieldKind, Takes)] = &[
        (Text, Takes::Text),
        (DateTime, Takes::Text),
        (Html, Takes::LongText),
        (Choices, Takes::Text),
        (Date, Takes::Date),
        (Number, Takes::Integer),
        (Number, Takes::Decimal),
        (Id, Takes::Integer),
        (Phone, Takes::Phone),
        (YesNo, Takes::YesNo),
        (YesNo, Takes::Choice),
        (Choice, Takes::Choice),
        (Choice, Takes::Choices),
        (Choices, Takes::Choices),
        (Cascade, Takes::Cascade),
    ];
    let perhaps: &[(FieldKind, Takes)] = &[
        (Text, Takes::Date),
        (Text, Takes::Integer),
        (Text, Takes::Phone),
        (Text, Takes::YesNo),
        (Text, Takes::Choice),
        (List, Takes::Choices),
    ];
    let never: &[(FieldKind, Takes)] = &[
        (Cascade, Takes::Text),
        (DateTime, Takes::Date),
        (Date, Takes::Integer),
        (Date, Takes::Choice),
        (Link, Takes::Phone),
        (Choices, Takes::Choice),
        (Choice, Takes::Cascade),
        (Number, Takes::YesNo),
        (Text, Takes::Cascade),
        (Text, Takes::Other("a signature".into())),
    ];
    for (pairs, expected) in
        [(fits, vec![]), (perhaps, vec![(Drift::OtherType, false)]), (never, vec![(Drift::OtherType, true)])]
    {
        for (kind, takes) in pairs {
            assert_eq!(told(*kind, None, takes.clone()), expected, "{kind:?} into {takes:?}");
        }
    }
}

#[test]
fn a_row_of_text_is_judged_by_what_the_source_holds() {
    let text = |holds, takes| told(FieldKind::Text, Some(holds), takes);
    for (holds, takes) in [
        (Takes::Integer, Takes::Integer),
        (Takes::Decimal, Takes::Decimal),
        (Takes::Date, Takes::Date),
        (Takes::Time, Takes::Text),
    ] {
        assert_eq!(text(holds.clone(), takes.clone()), [], "{holds:?} into {takes:?}");
    }
    assert_eq!(text(Takes::Decimal, Takes::Integer), [(Drift::OtherType, false)]);
    assert_eq!(text(Takes::DateTime, Takes::Date), [(Drift::OtherType, true)]);
    // Read wrongly, and written wrongly for it.
    assert_eq!(text(Takes::Choice, Takes::Choice), [(Drift::OtherType, true); 2]);
    assert_eq!(text(Takes::Cascade, Takes::Text), [(Drift::OtherType, true)]);
}

#[test]
fn fields_that_go_under_their_own_key_are_there_at_the_target() {
    let expects = Expectations { company_rows: rows(true), ..Expectations::default() };
    let lists = |target: &str| FieldLists {
        company: Sides {
            source: Some(vec![field("region", Takes::Text)]),
            target: Some(vec![Field { mandatory: true, ..field(target, Takes::Text) }]),
        },
        ..FieldLists::default()
    };
    assert_eq!(compare(&expects, &lists("region")), []);
    let found = compare(&expects, &lists("regions"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].drift, Drift::UnknownField);
    let message = &found[0].diagnostic.message;
    assert!(message.starts_with("company fields: the source's region (城市) goes to"), "{message}");
}

#[test]
fn what_nobody_could_read_is_not_judged() {
    let expects = Expectations {
        ticket_fields: vec![expected("field_1", FieldKind::Date)],
        source_fields: vec![expected("TextField_1", FieldKind::Date)],
        ticket_rows: rows(false),
        ..Expectations::default()
    };
    assert_eq!(compare(&expects, &FieldLists::default()), []);
}

#[test]
fn each_change_of_a_list_is_one_line() {
    let city = |options| Field { options, ..field("field_9", Takes::Choice) };
    let lists = |fields: Vec<Field>| FieldLists {
        ticket: Sides { source: None, target: Some(fields) },
        ..FieldLists::default()
    };
    let before =
        lists(vec![city(vec![option("1", "北京"), option("2", "上海")]), field("field_1", Takes::Text)]);
    assert_eq!(changes(&before, &before), Vec::<String>::new());
    assert_eq!(changes(&before, &FieldLists::default()), Vec::<String>::new());
    let hidden = FieldOption { hidden: true, ..option("1", "北京") };
    let after = lists(vec![
        city(vec![hidden, option("2", "广州"), option("3", "深圳")]),
        Field { label: Some("地区".into()), ..field("field_1", Takes::Date) },
        field("field_2", Takes::Text),
    ]);
    let field_9 = "the target has ticket field field_9 (城市)";
    let field_1 = "the target has ticket field field_1 (城市)";
    let expected = [
        "the target has ticket field field_2 (城市) now".to_owned(),
        format!("{field_9} with an option no longer offered: 1 北京"),
        format!("{field_9} with another option: 2 广州, not 2 上海"),
        format!("{field_9} with a new option: 3 深圳"),
        format!("{field_1} under another name: field_1 (地区)"),
        format!("{field_1} for another type: date, not text"),
    ];
    assert_eq!(changes(&before, &after), expected);
    let back = changes(&after, &before);
    assert!(back.contains(&"the target has ticket field field_2 (城市) no more".to_owned()), "{back:?}");
    assert!(back.contains(&format!("{field_9} without an option: 3 深圳")), "{back:?}");
}
