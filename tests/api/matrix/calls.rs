//! The calls that delivering makes: an event that makes each, and what it leaves at the vendor.

use serde_json::{Value, json};

use crate::harness::*;

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    CreateTicket,
    /// The look for a ticket whose creation was not answered, and which is there or not.
    FindTicket {
        made: bool,
    },
    UpdateTicket,
    Reply,
    SearchCompany,
    CreateCompany,
    UpdateCompany,
    ReadFields,
    ReplaceOptions,
    UpsertOptions,
    DeleteOption,
    Token,
}

impl Call {
    /// Method and glob of the path.
    pub(super) fn address(self) -> (&'static str, &'static str) {
        match self {
            Self::CreateTicket => ("POST", "/api/v1/tickets.json"),
            Self::FindTicket { .. } => ("GET", "/api/v1/ticket*"),
            Self::UpdateTicket | Self::Reply => ("PUT", "/api/v1/tickets/*.json"),
            Self::SearchCompany => ("GET", "/api/v1/companies/search.json"),
            Self::CreateCompany => ("POST", "/api/v1/companies.json"),
            Self::UpdateCompany => ("PUT", "/api/v1/companies/*.json"),
            Self::ReadFields => ("GET", "/api/v1/tickets/ticket_fields.json"),
            Self::ReplaceOptions => ("PUT", "/api/v1/tickets/ticket_fields/*/allOptions.json"),
            Self::UpsertOptions => ("PUT", "/api/v1/tickets/ticket_fields/*/options.json"),
            Self::DeleteOption => ("DELETE", "/api/v1/tickets/ticket_fields/*/options.json"),
            Self::Token => ("POST", "/api/token.php"),
        }
    }

    pub(super) fn writes(self) -> bool {
        !matches!(self, Self::FindTicket { .. } | Self::SearchCompany | Self::ReadFields | Self::Token)
    }

    /// True if its path names an entity by its id.
    pub(super) fn names_entity(self) -> bool {
        self.address().1.contains("/*") && self.address().0 != "GET"
    }

    /// True if a call that was not answered leaves a doubt that only a look at the vendor, or nothing, can end.
    pub(super) fn leaves_doubt(self) -> bool {
        matches!(self, Self::CreateTicket | Self::Reply)
    }

    /// What must be there before its event comes.
    pub(super) async fn prepare(self, app: &TestApp, n: u64) {
        match self {
            Self::UpdateTicket | Self::Reply => {
                app.delivered(&created(n, "打印机离线")).await;
            }
            Self::UpdateCompany => {
                let company = json!({ "id": n, "name": format!("旧名{n}公司") });
                app.delivered(&event(&format!("before-{n}"), "company.created", company)).await;
            }
            Self::DeleteOption => {
                app.delivered(&options(&format!("before-{n}"), "changed", n)).await;
            }
            Self::Token => {
                app.control(reqwest::Method::POST, "tokens/revoke", &Value::Null).await;
            }
            _ => {}
        }
    }

    /// The event that makes the call; its id is `cell-{n}`.
    pub(super) fn event(self, n: u64) -> Value {
        let id = format!("cell-{n}");
        match self {
            Self::CreateTicket | Self::FindTicket { .. } | Self::Token => {
                event(&id, "ticket.created", udesk_ticket(n, &subject(n)))
            }
            Self::UpdateTicket => event(&id, "ticket.updated", udesk_ticket(n, &subject(n))),
            Self::Reply => {
                event(&id, "ticket.replied", json!({ "id": n, "reply": { "id": n, "content": subject(n) } }))
            }
            Self::SearchCompany | Self::CreateCompany => {
                event(&id, "company.created", json!({ "id": n, "name": subject(n) }))
            }
            Self::UpdateCompany => event(&id, "company.updated", json!({ "id": n, "name": subject(n) })),
            Self::ReadFields | Self::UpsertOptions => options(&id, "changed", n),
            Self::ReplaceOptions => options(&id, "replaced", n),
            Self::DeleteOption => options(&id, "deleted", n),
        }
    }

    /// How many of what the event means are at the vendor; of an option that should go, how many are not.
    pub(super) fn there(self, vendor: &Value, n: u64) -> usize {
        let count = |list: &Value, key: &str| {
            let rows = list.as_array().expect("a list").iter();
            rows.filter(|row| row[key] == json!(subject(n))).count()
        };
        let choices = || {
            let fields = vendor["fields"].as_array().expect("a list");
            let field = fields.iter().find(|field| field["key"] == "field_9").expect("the row's target");
            count(&field["custom_field_options"], "value")
        };
        match self {
            Self::CreateTicket | Self::FindTicket { .. } | Self::Token | Self::UpdateTicket => {
                count(&vendor["tickets"], "subject")
            }
            Self::Reply => replies(vendor, n),
            Self::SearchCompany | Self::CreateCompany | Self::UpdateCompany => {
                count(&vendor["companies"], "companyName")
            }
            Self::ReadFields | Self::UpsertOptions | Self::ReplaceOptions => choices(),
            Self::DeleteOption => 1_usize.saturating_sub(choices()),
        }
    }
}

/// Words that no other cell has.
fn subject(n: u64) -> String {
    format!("第{n}格")
}

fn options(id: &str, how: &str, n: u64) -> Value {
    let data = json!({ "field_name": "SelectField_1", "options": [{ n.to_string(): subject(n) }] });
    event(id, &format!("field_options.{how}"), data)
}

fn replies(vendor: &Value, n: u64) -> usize {
    let tickets = vendor["tickets"].as_array().expect("a list").iter();
    let all = tickets.filter_map(|ticket| ticket["replies"].as_array()).flatten();
    all.filter(|reply| reply.to_string().contains(&subject(n))).count()
}
