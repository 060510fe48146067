//! Behaviour that the vendors' documents leave open or state in two ways. A client that is right passes its
//! tests under every value of every switch.

mod bangwo8;
mod udesk;
mod value;

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::guard::lock;
pub use bangwo8::*;
pub use udesk::*;
use value::{SwitchValue, number, text_of};

number! {
    /// Seconds by which a clock is fast (negative: slow).
    ClockSkew: i64, -604_800..=604_800, samples [0, -3600, 3600]
}

/// Declares [`Switches`] from its lines, so that no list of the switches can forget one.
macro_rules! switches {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)+) => {
        /// All switches, each at its most likely value by default. On the wire they are a JSON object of these
        /// names.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "Map<String, Value>")]
        pub struct Switches {
            $($(#[$doc])* pub $name: $type,)+
        }

        impl Switches {
            /// The names of all switches.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// Turns one switch; numbers in decimal. The error names what exists.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
                match name {
                    $(stringify!($name) => self.$name = read(name, value)?,)+
                    _ => return Err(unknown(name)),
                }
                Ok(())
            }

            fn members(&self) -> Map<String, Value> {
                let members = [$((stringify!($name).to_owned(), self.$name.wire())),+];
                members.into_iter().collect()
            }

            fn samples() -> Vec<(&'static str, Vec<Value>)> {
                vec![$((stringify!($name), <$type>::samples())),+]
            }
        }
    };
}

switches! {
    /// How Bangwo8 writes a ticket's status, type, priority and source.
    ticket_enums: TicketEnums,
    /// How Bangwo8 writes a dropdown value outside the `_v2` endpoint, which always gives ids.
    dropdown_on_v1_read: DropdownForm,
    /// Page size of Bangwo8 ticket lists when the caller sends none; the documents say 10 and 100.
    tickets_per_page: PageSize,
    /// What a Bangwo8 list says when there is no next or previous page.
    empty_page_link: EmptyPageLink,
    /// How Bangwo8 writes counts.
    counts: CountForm,
    /// The envelope of `GET /tickets/{id}.json`.
    single_ticket_v1: SingleTicketForm,
    /// What Bangwo8 answers for a ticket that does not exist.
    missing_ticket: MissingTicket,
    /// What a successful Bangwo8 write answers.
    write_result: WriteResult,
    /// HTTP status of Bangwo8 error bodies whose status the documents do not tell.
    business_error_status: BusinessErrorStatus,
    /// What a repeated `Requestid` gets.
    duplicate_requestid: DuplicateRequestid,
    /// The body of Bangwo8's 401.
    unauthorized_body: UnauthorizedBody,
    /// What a new Bangwo8 token does to the older ones.
    new_token: NewToken,
    /// What Bangwo8 answers to requests above `rate_limit_per_minute`.
    rate_limit: RateLimit,
    /// Bangwo8 requests a minute, counted only while `rate_limit` is on.
    rate_limit_per_minute: PerMinute,
    /// Whether a create must set the fields that its template marks as mandatory.
    required_fields: RequiredFields,
    /// Where Bangwo8 takes attachments.
    upload_path: UploadPath,
    /// The zone of Bangwo8's timestamps.
    time_zone: TimeZoneName,
    /// Seconds by which both vendors' clocks are fast (negative: slow): their timestamps, and the Udesk v2
    /// signature's freshness.
    clock_skew_s: ClockSkew,
    /// How the Udesk v1 signature is checked.
    udesk_sign: SignCheck,
    /// How the Udesk v2 signature is checked.
    udesk_v2_sign: SignCheck,
    /// Which Udesk calls are limited to `udesk_rate_limit_per_minute`.
    udesk_rate_limit: UdeskRateLimit,
    /// Udesk calls a minute, counted only while `udesk_rate_limit` is on.
    udesk_rate_limit_per_minute: PerMinute,
    /// HTTP status of successful Udesk writes.
    udesk_write_status: UdeskWriteStatus,
    /// The key of the token in the answer to the Udesk v2 log-in.
    udesk_token_key: UdeskTokenKey,
    /// How Udesk triggers deliver.
    udesk_delivery: UdeskDelivery,
}

impl Switches {
    /// Every value of every switch as `(name, value)`, the default first; of numbers, samples. A test that sends
    /// each to `PUT /_sandbox/switches` has seen all the behaviour there is.
    pub fn every_value() -> Vec<(&'static str, Value)> {
        let samples = Self::samples().into_iter();
        samples.flat_map(|(name, values)| values.into_iter().map(move |value| (name, value))).collect()
    }

    /// Turns the switches named and leaves the others; a mistake turns none.
    fn with(mut self, changes: Map<String, Value>) -> Result<Self, String> {
        for (name, value) in changes {
            let text = text_of(&value).unwrap_or_else(|| value.to_string());
            self.set(&name, &text)?;
        }
        Ok(self)
    }
}

fn read<T: SwitchValue>(name: &str, text: &str) -> Result<T, String> {
    T::from_text(text).ok_or_else(|| format!("{name}: must be {}, not {text:?}", T::rule()))
}

fn unknown(name: &str) -> String {
    format!("there is no switch {name:?}; there are {}", Switches::NAMES.join(", "))
}

impl TryFrom<Map<String, Value>> for Switches {
    type Error = String;

    fn try_from(members: Map<String, Value>) -> Result<Self, String> {
        Self::default().with(members)
    }
}

impl Serialize for Switches {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members().serialize(serializer)
    }
}

/// The switches that both simulators look at.
#[derive(Debug, Clone)]
pub(crate) struct SharedSwitches(Arc<Mutex<Switches>>);

impl SharedSwitches {
    pub(crate) fn new(switches: Switches) -> Self {
        Self(Arc::new(Mutex::new(switches)))
    }

    pub(crate) fn get(&self) -> Switches {
        *lock(&self.0)
    }

    /// Changes the members given and leaves the others; a mistake changes nothing.
    pub(crate) fn change(&self, changes: Map<String, Value>) -> Result<Switches, String> {
        let mut current = lock(&self.0);
        *current = current.with(changes)?;
        Ok(*current)
    }
}

/// All values by switch, in the order of [`Switches::NAMES`].
pub(crate) fn values() -> Map<String, Value> {
    Switches::samples().into_iter().map(|(name, values)| (name.to_owned(), Value::Array(values))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_switch_can_be_set_and_is_read_back() {
        for (name, value) in Switches::every_value() {
            let changes = Map::from_iter([(name.to_owned(), value.clone())]);
            let turned = Switches::default().with(changes).unwrap();
            assert_eq!(turned.members()[name], value, "{name}");
            assert_eq!(serde_json::from_value::<Switches>(serde_json::json!(turned)).unwrap(), turned);
        }
    }

    #[test]
    fn the_first_value_of_a_switch_is_its_default_and_no_two_are_alike() {
        let defaults = Switches::default().members();
        for (name, values) in values() {
            let values = values.as_array().unwrap();
            assert_eq!(values[0], defaults[&name], "{name}");
            assert!(values.len() > 1, "{name}");
            let unlike: std::collections::BTreeSet<String> = values.iter().map(Value::to_string).collect();
            assert_eq!(unlike.len(), values.len(), "{name}");
        }
        assert_eq!(values().len(), Switches::NAMES.len());
    }

    #[test]
    fn a_mistake_turns_nothing_and_names_what_exists() {
        let shared = SharedSwitches::new(Switches::default());
        for (changes, told) in [
            (serde_json::json!({"counts": "number", "count": "number"}), "udesk_v2_sign"),
            (serde_json::json!({"counts": "words"}), "counts: must be one of \"text\", \"number\""),
            (serde_json::json!({"tickets_per_page": 0}), "from 1 to 1000"),
            (serde_json::json!({"tickets_per_page": null}), "null"),
        ] {
            let Value::Object(changes) = changes else { panic!("an object") };
            assert!(shared.change(changes).unwrap_err().contains(told), "{told}");
        }
        assert_eq!(shared.get(), Switches::default());
    }
}
