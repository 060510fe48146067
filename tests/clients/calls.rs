//! Every read of the client with its documented answer, its walks and its writes: for the tests that hold for all
//! of them.

use deskbridge::bangwo8::{
    AccountSource, AssetRowWrite, AssetTableId, AttachmentId, AttachmentUpload, BindingKey, Client,
    CompanyFilter, CompanyId, CompanySearch, CompanyWrite, ContactFilter, ContactId, CustomerGroupWrite,
    Error, OptionRef, OptionWrite, OwnerType, SupportAgentFilter, TicketFilter, TicketId, TicketWrite,
    UploadPath,
};
use futures_util::{Stream, StreamExt, future::BoxFuture};
use serde_json::Map;

use crate::{documents::document, vendor::request_id};

/// What a call ends in; of a read, the ids in its value.
pub(crate) type Outcome = Result<Vec<String>, Error>;

/// A call, and its name as errors have it.
pub(crate) struct Call {
    pub(crate) endpoint: &'static str,
    pub(crate) send: for<'a> fn(&'a Client) -> BoxFuture<'a, Outcome>,
}

/// A read and the answer that the vendor's document has for it.
pub(crate) struct Read {
    pub(crate) call: Call,
    pub(crate) document: String,
    /// The keys that the vendor must send, with any spelling of their values: ids, and counts where they are asked
    /// for.
    pub(crate) ids: &'static [&'static str],
    /// The keys that lead to the elements.
    pub(crate) envelope: &'static [&'static str],
}

/// `call!("GET …", client => ids)`, where `ids` may await and fail.
macro_rules! call {
    ($endpoint:literal, $client:ident => $ids:expr) => {
        Call { endpoint: $endpoint, send: |$client| Box::pin(async move { Ok($ids) }) }
    };
}

/// The ids of a list's elements.
macro_rules! ids {
    ($items:expr, $($id:tt)+) => {
        $items.iter().map(|item| item.$($id)+.to_string()).collect::<Vec<_>>()
    };
}

pub(crate) fn reads() -> Vec<Read> {
    [tickets(), views(), people(), tables(), companies(), definitions()].into_iter().flatten().collect()
}

fn tickets() -> Vec<Read> {
    const IDS: &[&str] = &["ticketId"];
    vec![
        read(
            "tickets_list",
            IDS,
            &["tickets"],
            call!("GET /api/v1/tickets.json", client =>
            ids!(client.tickets_page(&TicketFilter::default(), 1, 100).await?.items, id)),
        ),
        read(
            "tickets_list",
            IDS,
            &["tickets"],
            call!("GET /api/v1/companies/1/tickets.json", client =>
            ids!(client.company_tickets_page(&CompanyId::new("1"), &TicketFilter::default(), 1, 100).await?.items, id)),
        ),
        read(
            "tickets_list",
            IDS,
            &["tickets"],
            call!("GET /api/v1/users/1/tickets.json", client =>
            ids!(client.contact_tickets_page(&ContactId::new("1"), &TicketFilter::default(), 1, 100).await?.items, id)),
        ),
        read(
            "tickets_one",
            IDS,
            &["ticket"],
            call!("GET /api/v1/tickets/1.json", client =>
            ids!([client.ticket(&TicketId::new("1")).await?], id)),
        ),
        read(
            "tickets_v2",
            IDS,
            &["ticket"],
            call!("GET /api/v1/tickets/1_v2.json", client =>
            ids!([client.ticket_v2(&TicketId::new("1")).await?], id)),
        ),
        read(
            "attachments_one",
            &["attachId"],
            &["attachment"],
            call!("GET /api/v1/attachments/1.json", client =>
            ids!([client.attachment(&AttachmentId::new("1")).await?], id)),
        ),
    ]
}

fn views() -> Vec<Read> {
    vec![
        read(
            "ticketviews_list",
            &["id"],
            &["ticketviews"],
            call!("GET /api/v1/ticketviews.json", client =>
            ids!(client.list_ticketviews().await?, id)),
        ),
        read(
            "ticketviews_one",
            &["id"],
            &["ticketview"],
            call!("GET /api/v1/ticketviews/1.json", client =>
            ids!([client.ticketview("1").await?], id)),
        ),
        read(
            "ticketviews_tickets",
            &["ticketId"],
            &["tickets"],
            call!("GET /api/v1/ticketviews/1/tickets.json", client =>
            ids!(client.ticketview_tickets_page("1", 1, 100).await?.items, id)),
        ),
        read(
            "ticketviews_count",
            &["count"],
            &["ticketview_count"],
            call!("GET /api/v1/ticketviews/1/count.json", client =>
            vec![client.ticketview_count("1").await?.to_string()]),
        ),
        read(
            "ticketviews_show_many",
            &["ticketview_id", "count"],
            &["ticketview_counts"],
            call!("GET /api/v1/ticketviews/show_many.json", client => {
                let counts = client.ticketview_counts(&["1"]).await?;
                counts.into_iter().flat_map(|(id, count)| [id, count.to_string()]).collect()
            }),
        ),
    ]
}

fn people() -> Vec<Read> {
    vec![
        read(
            "contacts_list",
            &["cId"],
            &["users"],
            call!("GET /api/v1/users.json", client =>
            ids!(client.contacts_page(&ContactFilter::default(), 1, 100).await?.items, id)),
        ),
        read(
            "contacts_v2",
            &["cId"],
            &["user"],
            call!("GET /api/v1/users_v2/1.json", client =>
            ids!([client.contact_v2(&ContactId::new("1")).await?], id)),
        ),
        read(
            "bindings_list",
            &["cId"],
            &["data"],
            call!("GET /api/v1/user/relationship/cid.json", client =>
            ids!(client.bindings(AccountSource::Open, BindingKey::OpenId("1")).await?, contact_id)),
        ),
        read(
            "customer_groups_list",
            &["groupId"],
            &["customergroups"],
            call!("GET /api/v1/customergroups.json", client =>
            ids!(client.customer_groups().await?, id)),
        ),
        read(
            "customer_group_one",
            &["groupId"],
            &["customergroup"],
            call!("GET /api/v1/customergroups/1.json", client =>
            ids!([client.customer_group("1").await?], id)),
        ),
        read(
            "customer_groups_list",
            &["groupId"],
            &["customergroups"],
            call!("GET /api/v1/customergroups/show_many.json", client =>
                ids!(client.customer_groups_by_id(&["1"]).await?, id)),
        ),
        read(
            "support_agents_list",
            &["sId"],
            &["supports"],
            call!("GET /api/v1/supports.json", client =>
            ids!(client.support_agents_page(&SupportAgentFilter::default(), 1, 100).await?.items, id)),
        ),
    ]
}

fn tables() -> Vec<Read> {
    vec![read(
        "assets_search",
        &["rId"],
        &["asset_table", "datas"],
        call!("GET /api/v1/forms/asset_form/1/search.json", client => {
            let page = client.asset_rows_page(table(), None, 1, 20).await?;
            page.items.into_iter().filter_map(|row| row.id).collect()
        }),
    )]
}

fn companies() -> Vec<Read> {
    const IDS: &[&str] = &["uId"];
    vec![
        read(
            "companies_list",
            IDS,
            &["companies"],
            call!("GET /api/v1/companies.json", client =>
            ids!(client.companies_page(&CompanyFilter::default(), 1, 100).await?.items, id)),
        ),
        read(
            "company_one",
            IDS,
            &["company"],
            call!("GET /api/v1/companies/1.json", client =>
            ids!([client.company(&CompanyId::new("1")).await?], id)),
        ),
        read(
            "companies_show_many",
            IDS,
            &["companies"],
            call!("GET /api/v1/companies/show_many.json", client =>
            ids!(client.companies_by_id(&[CompanyId::new("1")]).await?, id)),
        ),
        read(
            "companies_search",
            IDS,
            &["results"],
            call!("GET /api/v1/companies/search.json", client => {
                let search = CompanySearch::text("金万维").unwrap();
                ids!(client.company_search_page(&search, 1, 100).await?.items, id)
            }),
        ),
    ]
}

fn definitions() -> Vec<Read> {
    vec![
        read(
            "ticket_fields",
            &["id"],
            &[],
            call!("GET /api/v1/tickets/ticket_fields.json", client =>
            ids!(client.ticket_fields().await?, id)),
        ),
        read(
            "ticket_fields2",
            &["id"],
            &[],
            call!("GET /api/v1/tickets/ticket_fields2.json", client =>
            ids!(client.ticket_fields_with_system().await?, id)),
        ),
        read(
            "company_fields",
            &["id"],
            &["company_fields"],
            call!("GET /api/v1/companies/company_fields.json", client =>
            ids!(client.company_fields().await?, id)),
        ),
    ]
}

/// The walks over lists, and the reads for which the documents have no example.
pub(crate) fn walks() -> Vec<Call> {
    vec![
        call!("GET /api/v1/tickets.json", client =>
            ids!(all(client.tickets(&TicketFilter::default())).await?, id)),
        call!("GET /api/v1/ticketviews/1/tickets.json", client =>
            ids!(all(client.ticketview_tickets("1")).await?, id)),
        call!("GET /api/v1/users.json", client =>
            ids!(all(client.contacts(&ContactFilter::default())).await?, id)),
        call!("GET /api/v1/forms/asset_form/1/search.json", client =>
            ids!(all(client.asset_rows(table(), None)).await?, columns.len())),
        call!("GET /api/v1/companies.json", client =>
            ids!(all(client.companies(&CompanyFilter::default())).await?, id)),
        call!("GET /api/v1/companies/search.json", client =>
            client.company_named("金万维").await?.iter().map(ToString::to_string).collect()),
        call!("GET /api/v1/supports.json", client =>
            ids!(all(client.support_agents(&SupportAgentFilter::default())).await?, id)),
        call!("GET /api/v1/supports/1.json", client => ids!([client.support_agent("1").await?], id)),
        call!("GET /api/v1/tickettemplates.json", client => ids!(client.ticket_templates().await?, id)),
    ]
}

pub(crate) fn writes() -> Vec<Call> {
    vec![
        call!("POST /api/v1/tickets.json", client =>
            vec![client.create_ticket(&TicketWrite::default(), &request_id()).await?.to_string()]),
        call!("PUT /api/v1/tickets/1.json", client => {
            client.update_ticket(&TicketId::new("1"), &TicketWrite::default(), &request_id()).await?;
            vec![]
        }),
        call!("PUT /api/v1/tickets/1.json", client => {
            client.reply_ticket(&TicketId::new("1"), "换了网卡", &request_id()).await?;
            vec![]
        }),
        call!("POST /api/v1/uploads.json", client => {
            let upload = AttachmentUpload {
                file_name: "a.txt".into(),
                ticket_reply_id: None,
                content: "a".into(),
                path: UploadPath::Uploads,
            };
            ids!([client.upload_attachment(&upload, &request_id()).await?], id)
        }),
        call!("POST /api/v1/user/relationship/cid.json", client => {
            client.bind_contact(&ContactId::new("1"), "1", AccountSource::Open, None, &request_id()).await?;
            vec![]
        }),
        call!("PUT /api/v1/user/relationship/cid.json", client => {
            client.rebind_contact(&ContactId::new("1"), None, AccountSource::Open, &request_id()).await?;
            vec![]
        }),
        call!("POST /api/v1/forms/asset_form/1.json", client => {
            let row = AssetRowWrite {
                owner: "1".into(),
                owner_type: OwnerType::Company,
                unique_key: None,
                unique_value: None,
                columns: Map::new(),
            };
            client.create_asset_rows(table(), &[row], &request_id()).await?;
            vec![]
        }),
        call!("POST /api/v1/companies.json", client =>
            vec![client.create_company(&CompanyWrite::default(), &request_id()).await?.to_string()]),
        call!("PUT /api/v1/companies/1.json", client => {
            client.update_company(&CompanyId::new("1"), &CompanyWrite::default(), &request_id()).await?;
            vec![]
        }),
        call!("POST /api/v1/customergroups.json", client =>
            vec![client.create_customer_group(&CustomerGroupWrite::default(), &request_id()).await?]),
        call!("PUT /api/v1/tickets/ticket_fields/1/allOptions.json", client =>
            vec![client.replace_field_options("1", &[] as &[OptionWrite], &request_id()).await?.column_id]),
        call!("DELETE /api/v1/tickets/ticket_fields/1/options.json", client => {
            let option = OptionRef::Id("1".into());
            vec![client.delete_field_option("1", &option, &request_id()).await?.id]
        }),
    ]
}

fn read(name: &str, ids: &'static [&'static str], envelope: &'static [&'static str], call: Call) -> Read {
    Read { call, document: document(name), ids, envelope }
}

async fn all<T>(walk: impl Stream<Item = Result<T, Error>>) -> Result<Vec<T>, Error> {
    walk.collect::<Vec<_>>().await.into_iter().collect()
}

fn table() -> AssetTableId {
    AssetTableId::new(std::num::NonZeroU64::MIN)
}
