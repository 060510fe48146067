use super::*;

#[test]
fn debug_shows_no_content_and_nobodys_address() {
    let draft = TicketDraft {
        subject: Some("机密".into()),
        status: Some(Status::Open),
        customer: CustomerKey { email: Some("机密".into()), ..CustomerKey::default() },
        assignee: Assignee { id: Some(3), name: Some("机密".into()), email: None },
        followers: Some(Followers::Emails(vec!["机密".into()])),
        fields: [("TextField_1".to_owned(), FieldValue::Text("机密".into()))].into(),
        comment: Some(Comment {
            visibility: Visibility::Public,
            author_email: "机密".into(),
            body: "机密".into(),
        }),
        ..TicketDraft::default()
    };
    let parts = format!("{:?} {:?} {:?}", draft.customer, draft.assignee, draft.followers);
    let told = format!("{draft:?} {parts} {:?} {:?}", draft.fields, draft.comment);
    assert!(told.contains("Open") && !told.contains("机密"), "{told}");
}

#[test]
fn values_with_a_comma_are_not_joined() {
    assert_eq!(joined(&["a".into(), "b".into()], "tags"), Ok(Some("a,b".into())));
    assert_eq!(joined(&[], "tags"), Ok(None));
    assert_eq!(joined(&["a,b".into()], "tags").unwrap_err().what, "tags");
}
