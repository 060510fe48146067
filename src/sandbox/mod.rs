//! Simulators of the two vendors' REST APIs, for tests, for demonstrations and for whoever develops against
//! them.
//!
//! Each vendor listens on its own port and keeps its data in memory. What the vendors document is reproduced
//! as written, quirks included; where they are silent or contradict themselves the choice is a
//! [`Switches`] member. Nothing here is shared with the real clients, so that a misunderstanding cannot hide
//! by being made on both sides.
//!
//! Both ports also answer under `/_sandbox/`, without credentials: recorded requests, the state, planned
//! faults and the switches. `GET /_sandbox/` lists them and [`control`] describes them.

mod bangwo8;
mod call;
mod clock;
pub mod control;
pub mod credentials;
mod delivery;
mod door;
mod faults;
mod generate;
mod guard;
mod limiter;
mod log;
mod redact;
mod reply;
mod server;
mod switches;
mod udesk;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

pub use generate::{Counts, MAX_ROWS};
pub use switches::{
    BusinessErrorStatus, ClockSkew, CountForm, DropdownForm, DuplicateRequestid, EmptyPageLink,
    MissingTicket, NewToken, PageSize, PerMinute, RateLimit, RequiredFields, SignCheck, SingleTicketForm,
    Switches, TicketEnums, TimeZoneName, UdeskDelivery, UdeskRateLimit, UdeskTokenKey, UdeskWriteStatus,
    UnauthorizedBody, UploadPath, WriteResult,
};

use bangwo8::Bangwo8;
use door::Door;
use faults::Faults;
use generate::Generator;
use log::{LogFile, RequestLog};
use server::Server;
use switches::SharedSwitches;
use udesk::Udesk;

/// Where the simulators listen and how they start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address of the Bangwo8 simulator; port 0 takes a free one.
    pub bangwo8_listen: SocketAddr,
    /// Address of the Udesk simulator; port 0 takes a free one.
    pub udesk_listen: SocketAddr,
    /// The behaviour to start with; `PUT /_sandbox/switches` changes it later.
    pub switches: Switches,
    /// Rows to make up beside the seed data.
    pub generate: Counts,
    /// What generated rows and planned chances depend on: the same seed repeats them.
    pub seed: u64,
    /// A file to which each request is appended as a line of JSON.
    pub log: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            bangwo8_listen: any_port,
            udesk_listen: any_port,
            switches: Switches::default(),
            generate: Counts::default(),
            seed: 0,
            log: None,
        }
    }
}

/// Both simulators, listening.
#[derive(Debug)]
pub struct Sandbox {
    bangwo8: Server,
    udesk: Server,
}

/// Starts both simulators with their seed data. Needs a running tokio multi-thread runtime.
pub async fn start(options: Options) -> io::Result<Sandbox> {
    let switches = SharedSwitches::new(options.switches);
    let generator = Generator { seed: options.seed, counts: options.generate };
    let file = options.log.as_deref().map(LogFile::open).transpose()?;
    let bangwo8 = Bangwo8::seeded(switches.clone(), generator).map_err(io::Error::other)?;
    let udesk = Udesk::seeded(switches.clone(), generator).map_err(io::Error::other)?;
    let door = |name, vendor| {
        let (faults, log) = (Faults::new(options.seed), RequestLog::new(name, file.clone()));
        Arc::new(Door::new(vendor, switches.clone(), faults, log))
    };
    Ok(Sandbox {
        bangwo8: serving(options.bangwo8_listen, door("bangwo8", Box::new(bangwo8)), "--bangwo8-listen")?,
        udesk: serving(options.udesk_listen, door("udesk", Box::new(udesk)), "--udesk-listen")?,
    })
}

/// `option` is the command's for this address.
fn serving(listen: SocketAddr, door: Arc<Door>, option: &str) -> io::Result<Server> {
    Server::start(listen, door).map_err(|error| {
        let why = format!("can't listen on {listen}: {error}; choose another address with {option}");
        io::Error::new(error.kind(), why)
    })
}

impl Sandbox {
    /// Base URL of the Bangwo8 simulator, such as `http://127.0.0.1:4501`.
    pub fn bangwo8_url(&self) -> String {
        self.bangwo8.url()
    }

    /// Base URL of the Udesk simulator.
    pub fn udesk_url(&self) -> String {
        self.udesk.url()
    }

    /// Everything both vendors store, by vendor; rows that are only computed are not among it.
    pub fn state(&self) -> serde_json::Value {
        serde_json::json!({"bangwo8": self.bangwo8.state(), "udesk": self.udesk.state()})
    }

    /// Stops both simulators without waiting for idle connections.
    pub async fn stop(self) {
        self.bangwo8.stop().await;
        self.udesk.stop().await;
    }

    /// Serves until one of the simulators ends, which they do not do by themselves.
    pub async fn wait(&mut self) -> io::Result<()> {
        tokio::select! {
            ended = self.bangwo8.ended() => ended,
            ended = self.udesk.ended() => ended,
        }
    }
}
