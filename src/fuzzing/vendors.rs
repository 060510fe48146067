//! What vendors answer, through the clients themselves: a server on this machine gives each call the input as its answer.

use std::{
    fmt::{Debug, Display},
    num::NonZeroU32,
    sync::{Arc, LazyLock, Mutex},
};

use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};
use url::Url;

use crate::{bangwo8, udesk};

/// A call that reads, by its number.
type Answer = Arc<Mutex<Vec<u8>>>;

/// Statuses that are read differently; all of them may have a body.
const STATUSES: [u16; 8] = [200, 201, 302, 400, 403, 404, 409, 422];
/// Bytes of an error's text at most: it stands in records and logs.
const MAX_ERROR_BYTES: usize = 4096;

struct Vendors {
    runtime: Runtime,
    answer: Answer,
    bangwo8: bangwo8::Client,
    udesk: udesk::Client,
}

static VENDORS: LazyLock<Mutex<Vendors>> = LazyLock::new(|| Mutex::new(Vendors::start()));

/// The first byte names the call, the second the status; up to the first line's end stands a `Retry-After`, then the body.
/// Every answer ends in a value or an error that can be shown.
pub fn vendor_decoders(data: &[u8]) {
    let [call, status, rest @ ..] = data else { return };
    let at = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (wait, body) = rest.split_at(at);
    let visible: Vec<u8> = wait.iter().copied().filter(|byte| (b' '..=b'~').contains(byte)).collect();
    let wait = String::from_utf8_lossy(&visible);
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let head =
        format!("HTTP/1.1 {status} x\r\nretry-after: {wait}\r\ncontent-length: {}\r\n\r\n", body.len());
    let vendors = VENDORS.lock().expect("no call panicked before");
    *vendors.answer.lock().expect("the server lives") = [head.as_bytes(), body].concat();
    let call = *call;
    vendors.runtime.block_on(async {
        Box::pin(ask_bangwo8(&vendors.bangwo8, call)).await;
        Box::pin(ask_udesk(&vendors.udesk, call)).await;
    });
}

async fn ask_bangwo8(client: &bangwo8::Client, call: u8) {
    let (ticket, company, contact) =
        (bangwo8::TicketId::new("1"), bangwo8::CompanyId::new("1"), bangwo8::ContactId::new("1"));
    match call % 20 {
        0 => shown(client.ticket(&ticket).await),
        1 => shown(client.ticket_v2(&ticket).await),
        2 => shown(client.tickets_page(&bangwo8::TicketFilter::default(), 1, 100).await),
        3 => shown(client.list_ticketviews().await),
        4 => shown(client.list_ticketviews_as_sent().await),
        5 => shown(client.ticketview("1").await),
        6 => shown(client.ticketview_tickets_page("1", 1, 100).await),
        7 => shown(client.ticketview_tickets_page_as_sent("1", 1, 100).await),
        8 => shown(client.ticketview_count("1").await),
        9 => shown(client.ticketview_counts(&["1"]).await),
        10 => shown(client.companies_page(&bangwo8::CompanyFilter::default(), 1, 100).await),
        11 => shown(client.company(&company).await),
        12 => shown(client.contacts_page(&bangwo8::ContactFilter::default(), 1, 100).await),
        13 => shown(client.contact_v2(&contact).await),
        14 => shown(client.support_agents_page(&bangwo8::SupportAgentFilter::default(), 1, 100).await),
        15 => shown(client.customer_groups().await),
        16 => shown(client.ticket_templates().await),
        17 => shown(client.ticket_fields().await),
        18 => shown(client.company_fields().await),
        _ => shown(client.company_named("王芳").await),
    }
}

async fn ask_udesk(client: &udesk::Client, call: u8) {
    let (v1, v2) = (client.v1(), client.v2());
    match call % 14 {
        0 => shown(v1.tickets_page(1, 100).await),
        1 => shown(v1.ticket(1).await),
        2 => shown(v1.ticket_fields().await),
        3 => shown(v1.customers_page(1, 100).await),
        4 => shown(v1.ticket_filters(None).await),
        5 => shown(v2.tickets_page(1, 100).await),
        6 => shown(v2.ticket(1).await),
        7 => shown(v2.replies(1).await),
        8 => shown(v2.custom_fields(udesk::Category::Ticket).await),
        9 => shown(v2.organization(&udesk::OrganizationKey::Id(1)).await),
        10 => shown(v2.customer(&udesk::LookUp::Cellphone("1".into())).await),
        11 => shown(v2.user_groups_page(1, 100).await),
        12 => shown(v2.agents_page(false, 1, 100).await),
        _ => shown(v2.survey().await),
    }
}

/// Nothing that can be printed panics while it is.
fn shown<T: Debug, E: Display + Debug>(result: Result<T, E>) {
    match result {
        Ok(value) => drop(format!("{value:?}")),
        Err(error) => {
            assert!(error.to_string().len() <= MAX_ERROR_BYTES, "a long error");
            drop(format!("{error:?}"));
        }
    }
}

impl Vendors {
    fn start() -> Self {
        // An error means that it was installed before.
        rustls::crypto::ring::default_provider().install_default().ok();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let answer = Answer::default();
        runtime.spawn(serve(listener, answer.clone()));
        let url = Url::parse(&format!("http://{address}")).expect("an address");
        let secret = || SecretString::from("secret");
        let auth = bangwo8::Auth::Basic { account: secret(), password: secret() };
        let bangwo8 = bangwo8::Options {
            requests_per_second: NonZeroU32::MAX,
            ..bangwo8::Options::new(url.clone(), auth)
        };
        let udesk = udesk::Options {
            v1_requests_per_minute: NonZeroU32::MAX,
            v2_requests_per_minute: NonZeroU32::MAX,
            ..udesk::Options::new(url).v1(secret()).v2(secret(), secret())
        };
        let inside = runtime.enter();
        let bangwo8 = bangwo8::Client::new(bangwo8).expect("a client");
        let udesk = udesk::Client::new(udesk).expect("a client");
        drop(inside);
        Self { runtime, answer, bangwo8, udesk }
    }
}

async fn serve(listener: TcpListener, answer: Answer) {
    while let Ok((wire, _)) = listener.accept().await {
        tokio::spawn(answer_all(wire, answer.clone()));
    }
}

/// Answers each request of a connection; they are all reads, without bodies.
async fn answer_all(mut wire: TcpStream, answer: Answer) {
    let mut request = Vec::new();
    while wire.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            let answer = answer.lock().expect("the caller lives").clone();
            if wire.write_all(&answer).await.is_err() {
                return;
            }
        }
    }
}
