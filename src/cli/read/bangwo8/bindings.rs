//! A look-up of bindings on the command line.

use clap::ValueEnum;

use crate::bangwo8::{AccountSource, Binding, BindingKey, Client, ContactId, Error};

#[derive(clap::Args)]
pub(in crate::cli::read) struct Args {
    /// The other system
    #[arg(long, value_name = "SYSTEM")]
    source: System,
    #[command(flatten)]
    key: Key,
}

#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct Key {
    /// The contact's id
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
    /// The user's id in the other system
    #[arg(long, value_name = "ID")]
    open_id: Option<String>,
}

/// As the vendor names them.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "camelCase")]
enum System {
    Dingding,
    Wechat,
    WorkWechat,
    Open,
}

impl Args {
    pub(super) async fn read(&self, client: &Client) -> Result<Vec<Binding>, Error> {
        let contact = self.key.contact.as_ref().map(ContactId::new);
        let key = match (&contact, self.key.open_id.as_deref()) {
            (Some(contact), Some(open_id)) => BindingKey::Both(contact, open_id),
            (Some(contact), None) => BindingKey::Contact(contact),
            // The command line has refused a look-up by nothing.
            (None, open_id) => BindingKey::OpenId(open_id.unwrap_or_default()),
        };
        client.bindings(self.source.into(), key).await
    }
}

impl From<System> for AccountSource {
    fn from(system: System) -> Self {
        match system {
            System::Dingding => Self::DingTalk,
            System::Wechat => Self::WeChat,
            System::WorkWechat => Self::WorkWeChat,
            System::Open => Self::Open,
        }
    }
}
