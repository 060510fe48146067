//! What is compared: each call bare and by the client.

use std::{error::Error, net::SocketAddr, num::NonZeroU32, pin::Pin, rc::Rc};

use deskbridge::{
    bangwo8::{self, RequestId, TicketId, TicketWrite},
    udesk,
};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::vendor::PER_PAGE;

type Call = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bare: Call,
    pub(crate) client: Call,
}

const SECRET: &str = "99d80d18b0b9a994a8d0283e830e5099";
const ACCOUNT: &str = "account";
const PASSWORD: &str = "password";
const REQUEST_ID: &str = "4f1c0a5e9d3b2c7a8e6f0d1b2c3a4e5f";

pub(crate) fn all(vendor: &SocketAddr) -> Result<Vec<Case>, Box<dyn Error>> {
    let base: Url = format!("http://{vendor}").parse()?;
    let http = {
        rustls::crypto::ring::default_provider().install_default().ok();
        reqwest::Client::builder().no_proxy().build()?
    };
    let bangwo8 = bangwo8_client(&base)?;
    let udesk = udesk_client(&base)?.v1();
    let id = TicketId::new("5237431");
    Ok(vec![
        Case {
            name: "Udesk: a page of 100 tickets, decoded",
            bare: bare(&http, Method::GET, &base, "/api/v1/tickets.json?page=1&per_page=100", None),
            client: call(move || {
                let udesk = udesk.clone();
                async move {
                    let page = udesk.tickets_page(1, PER_PAGE).await;
                    assert_eq!(page.map(|page| page.items.len()).ok(), Some(PER_PAGE as usize));
                }
            }),
        },
        Case {
            name: "Bangwo8: one ticket read",
            bare: bare(&http, Method::GET, &base, "/api/v1/tickets/5237431.json", None),
            client: {
                let (client, id) = (bangwo8.clone(), id.clone());
                call(move || {
                    let (client, id) = (client.clone(), id.clone());
                    async move { assert!(client.ticket(&id).await.is_ok()) }
                })
            },
        },
        Case {
            name: "Bangwo8: one ticket changed",
            bare: bare(
                &http,
                Method::PUT,
                &base,
                "/api/v1/tickets/5237431.json",
                Some(json!({ "ticket": ticket() })),
            ),
            client: {
                let write: Rc<TicketWrite> = Rc::new(serde_json::from_value(ticket())?);
                let request_id = RequestId::new(REQUEST_ID)?;
                call(move || {
                    let (client, id, write) = (bangwo8.clone(), id.clone(), Rc::clone(&write));
                    let request_id = request_id.clone();
                    async move { assert!(client.update_ticket(&id, &write, &request_id).await.is_ok()) }
                })
            },
        },
    ])
}

fn call<F: Future<Output = ()> + 'static>(make: impl Fn() -> F + 'static) -> Call {
    Box::new(move || Box::pin(make()))
}

/// The same request, sent and read with nothing but reqwest and untyped JSON.
fn bare(http: &reqwest::Client, method: Method, base: &Url, path: &str, body: Option<Value>) -> Call {
    let (http, url) = (http.clone(), format!("{}{path}", base.as_str().trim_end_matches('/')));
    call(move || {
        let request = http.request(method.clone(), &url).basic_auth(ACCOUNT, Some(PASSWORD));
        let request = request.header("accept", "application/json");
        let request = match &body {
            Some(body) => request.header("Requestid", REQUEST_ID).json(body),
            None => request,
        };
        async move {
            let bytes = request.send().await.and_then(reqwest::Response::error_for_status);
            let bytes = match bytes {
                Ok(response) => response.bytes().await.unwrap_or_default(),
                Err(error) => panic!("{error}"),
            };
            assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    })
}

fn ticket() -> Value {
    json!({
        "subject": "打印机离线", "descript": "三楼的打印机从早上起就连不上", "ticketStatus": 2, "priorityLevel": 3,
        "ticketTemplateId": 4, "custom_fields": [{"key": "field_14", "value": "已更换网卡"}]
    })
}

fn bangwo8_client(base: &Url) -> Result<bangwo8::Client, bangwo8::Error> {
    let auth = bangwo8::Auth::Basic { account: ACCOUNT.into(), password: PASSWORD.into() };
    let mut options = bangwo8::Options::new(base.clone(), auth);
    options.requests_per_second = NonZeroU32::MAX;
    bangwo8::Client::new(options)
}

fn udesk_client(base: &Url) -> Result<udesk::Client, udesk::Error> {
    let mut options = udesk::Options::new(base.clone()).v1(SECRET.into());
    options.v1_requests_per_minute = NonZeroU32::MAX;
    options.concurrency = crate::IN_FLIGHT;
    udesk::Client::new(options)
}
