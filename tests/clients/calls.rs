//! Every read of the client with its documented answer, and its writes: for the tests that hold for all of them.

use deskbridge::bangwo8::{
    AccountSource, AssetRowWrite, AssetTableId, AttachmentId, AttachmentUpload, BindingKey, Client,
    CompanyId, ContactFilter, ContactId, Error, OwnerType, TicketFilter, TicketId, TicketWrite, UploadPath,
};
use futures_util::{StreamExt, future::BoxFuture};
use serde_json::Map;

use crate::vendor::request_id;

/// What a call ends in; of a read, the ids in its value.
pub(crate) type Outcome = Result<Vec<String>, Error>;
type Call = for<'a> fn(&'a Client) -> BoxFuture<'a, Outcome>;

/// A read and the answer that the vendor's document has for it.
pub(crate) struct Read {
    /// The call as errors name it.
    pub(crate) endpoint: &'static str,
    pub(crate) document: &'static str,
    /// The keys that the vendor must send, with any spelling of their values: ids, and counts where they are asked
    /// for.
    pub(crate) ids: &'static [&'static str],
    /// The keys that lead to the elements.
    pub(crate) envelope: &'static [&'static str],
    pub(crate) call: Call,
}

/// A write.
pub(crate) struct Write {
    /// The call as errors name it.
    pub(crate) endpoint: &'static str,
    pub(crate) call: Call,
}

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("documents/", $name, ".json"))
    };
}

const TICKETS: &[&str] = &["tickets"];
const TICKET_ID: &[&str] = &["ticketId"];

pub(crate) fn reads() -> Vec<Read> {
    vec![
        Read {
            endpoint: "GET /api/v1/tickets.json",
            document: document!("tickets_list"),
            ids: TICKET_ID,
            envelope: TICKETS,
            call: |client| {
                Box::pin(async move {
                    let page = client.tickets_page(&TicketFilter::default(), 1, 100).await?;
                    Ok(page.items.iter().map(|ticket| ticket.id.to_string()).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/companies/1/tickets.json",
            document: document!("tickets_list"),
            ids: TICKET_ID,
            envelope: TICKETS,
            call: |client| {
                Box::pin(async move {
                    let company = CompanyId::new("1");
                    let page =
                        client.company_tickets_page(&company, &TicketFilter::default(), 1, 100).await?;
                    Ok(page.items.iter().map(|ticket| ticket.id.to_string()).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/users/1/tickets.json",
            document: document!("ticketviews_tickets"),
            ids: TICKET_ID,
            envelope: TICKETS,
            call: |client| {
                Box::pin(async move {
                    let contact = ContactId::new("1");
                    let page =
                        client.contact_tickets_page(&contact, &TicketFilter::default(), 1, 100).await?;
                    Ok(page.items.iter().map(|ticket| ticket.id.to_string()).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/tickets/1.json",
            document: document!("tickets_one"),
            ids: TICKET_ID,
            envelope: &["ticket"],
            call: |client| {
                Box::pin(async move { Ok(vec![client.ticket(&TicketId::new("1")).await?.id.to_string()]) })
            },
        },
        Read {
            endpoint: "GET /api/v1/tickets/1_v2.json",
            document: document!("tickets_v2"),
            ids: TICKET_ID,
            envelope: &["ticket"],
            call: |client| {
                Box::pin(async move { Ok(vec![client.ticket_v2(&TicketId::new("1")).await?.id.to_string()]) })
            },
        },
        Read {
            endpoint: "GET /api/v1/ticketviews.json",
            document: document!("ticketviews_list"),
            ids: &["id"],
            envelope: &["ticketviews"],
            call: |client| {
                Box::pin(async move {
                    Ok(client.list_ticketviews().await?.into_iter().map(|view| view.id).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/ticketviews/1.json",
            document: document!("ticketviews_one"),
            ids: &["id"],
            envelope: &["ticketview"],
            call: |client| Box::pin(async move { Ok(vec![client.ticketview("1").await?.id]) }),
        },
        Read {
            endpoint: "GET /api/v1/ticketviews/1/tickets.json",
            document: document!("ticketviews_tickets"),
            ids: TICKET_ID,
            envelope: TICKETS,
            call: |client| {
                Box::pin(async move {
                    let page = client.ticketview_tickets_page("1", 1, 100).await?;
                    Ok(page.items.iter().map(|ticket| ticket.id.to_string()).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/ticketviews/1/count.json",
            document: document!("ticketviews_count"),
            ids: &["count"],
            envelope: &["ticketview_count"],
            call: |client| Box::pin(async move { Ok(vec![client.ticketview_count("1").await?.to_string()]) }),
        },
        Read {
            endpoint: "GET /api/v1/ticketviews/show_many.json",
            document: document!("ticketviews_show_many"),
            ids: &["ticketview_id", "count"],
            envelope: &["ticketview_counts"],
            call: |client| {
                Box::pin(async move {
                    let counts = client.ticketview_counts(&["1"]).await?;
                    Ok(counts.into_iter().flat_map(|(id, count)| [id, count.to_string()]).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/attachments/1.json",
            document: document!("attachments_one"),
            ids: &["attachId"],
            envelope: &["attachment"],
            call: |client| {
                Box::pin(
                    async move { Ok(vec![client.attachment(&AttachmentId::new("1")).await?.id.to_string()]) },
                )
            },
        },
        Read {
            endpoint: "GET /api/v1/users.json",
            document: document!("contacts_list"),
            ids: &["cId"],
            envelope: &["users"],
            call: |client| {
                Box::pin(async move {
                    let page = client.contacts_page(&ContactFilter::default(), 1, 100).await?;
                    Ok(page.items.iter().map(|contact| contact.id.to_string()).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/users_v2/1.json",
            document: document!("contacts_v2"),
            ids: &["cId"],
            envelope: &["user"],
            call: |client| {
                Box::pin(
                    async move { Ok(vec![client.contact_v2(&ContactId::new("1")).await?.id.to_string()]) },
                )
            },
        },
        Read {
            endpoint: "GET /api/v1/user/relationship/cid.json",
            document: document!("bindings_list"),
            ids: &["cId"],
            envelope: &["data"],
            call: |client| {
                Box::pin(async move {
                    let bindings = client.bindings(AccountSource::Open, BindingKey::OpenId("1")).await?;
                    Ok(bindings.iter().map(|binding| binding.contact_id.to_string()).collect())
                })
            },
        },
        Read {
            endpoint: "GET /api/v1/forms/asset_form/1/search.json",
            document: document!("assets_search"),
            ids: &["rId"],
            envelope: &["asset_table", "datas"],
            call: |client| {
                Box::pin(async move {
                    let page = client.asset_rows_page(table(), None, 1, 20).await?;
                    Ok(page.items.into_iter().filter_map(|row| row.id).collect())
                })
            },
        },
    ]
}

/// The walks over lists, by the names of their lists.
pub(crate) fn walks() -> Vec<Write> {
    vec![
        Write {
            endpoint: "GET /api/v1/tickets.json",
            call: |client| {
                Box::pin(async move {
                    let tickets: Vec<_> = client.tickets(&TicketFilter::default()).collect().await;
                    tickets.into_iter().map(|ticket| Ok(ticket?.id.to_string())).collect()
                })
            },
        },
        Write {
            endpoint: "GET /api/v1/users.json",
            call: |client| {
                Box::pin(async move {
                    let contacts: Vec<_> = client.contacts(&ContactFilter::default()).collect().await;
                    contacts.into_iter().map(|contact| Ok(contact?.id.to_string())).collect()
                })
            },
        },
        Write {
            endpoint: "GET /api/v1/forms/asset_form/1/search.json",
            call: |client| {
                Box::pin(async move {
                    let rows: Vec<_> = client.asset_rows(table(), None).collect().await;
                    rows.into_iter().map(|row| Ok(row?.id.unwrap_or_default())).collect()
                })
            },
        },
    ]
}

pub(crate) fn writes() -> Vec<Write> {
    vec![
        Write {
            endpoint: "POST /api/v1/tickets.json",
            call: |client| {
                Box::pin(async move {
                    Ok(vec![client.create_ticket(&TicketWrite::default(), &request_id()).await?.to_string()])
                })
            },
        },
        Write {
            endpoint: "PUT /api/v1/tickets/1.json",
            call: |client| {
                Box::pin(async move {
                    let id = TicketId::new("1");
                    client.update_ticket(&id, &TicketWrite::default(), &request_id()).await?;
                    Ok(vec![])
                })
            },
        },
        Write {
            endpoint: "POST /api/v1/uploads.json",
            call: |client| {
                Box::pin(async move {
                    let upload = AttachmentUpload {
                        file_name: "a.txt".into(),
                        ticket_reply_id: None,
                        content: "a".into(),
                        path: UploadPath::Uploads,
                    };
                    Ok(vec![client.upload_attachment(&upload, &request_id()).await?.id.to_string()])
                })
            },
        },
        Write {
            endpoint: "POST /api/v1/user/relationship/cid.json",
            call: |client| {
                Box::pin(async move {
                    let id = ContactId::new("1");
                    client.bind_contact(&id, "1", AccountSource::Open, None, &request_id()).await?;
                    Ok(vec![])
                })
            },
        },
        Write {
            endpoint: "PUT /api/v1/user/relationship/cid.json",
            call: |client| {
                Box::pin(async move {
                    let id = ContactId::new("1");
                    client.rebind_contact(&id, None, AccountSource::Open, &request_id()).await?;
                    Ok(vec![])
                })
            },
        },
        Write {
            endpoint: "POST /api/v1/forms/asset_form/1.json",
            call: |client| {
                Box::pin(async move {
                    let row = AssetRowWrite {
                        owner: "1".into(),
                        owner_type: OwnerType::Company,
                        unique_key: None,
                        unique_value: None,
                        columns: Map::new(),
                    };
                    client.create_asset_rows(table(), &[row], &request_id()).await?;
                    Ok(vec![])
                })
            },
        },
    ]
}

fn table() -> AssetTableId {
    AssetTableId::new(std::num::NonZeroU64::MIN)
}
