//! Tables of endpoints: a method, a path pattern and the function that answers. Each family has one.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::desk::Desk;
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::Switches;

/// Where a pattern has this, a path has a record's id.
const ID: &str = ":id";

/// An endpoint of a family that refuses in its own words.
#[derive(Debug)]
pub(crate) struct Endpoint<R> {
    pub(crate) method: &'static str,
    /// Without the `.json`, which may be left out everywhere (§2.1).
    pub(crate) pattern: &'static str,
    pub(crate) act: fn(&mut Desk, &Request<'_>) -> Result<Reply, R>,
}

/// What an endpoint knows of a request once it is admitted.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) call: &'a Call,
    pub(crate) switches: Switches,
    pub(crate) now: Timestamp,
    /// The id in the path, `""` if the pattern has none.
    pub(crate) id: &'a str,
    /// The body if it is a JSON object, else an empty one.
    pub(crate) body: Map<String, Value>,
}

/// The first endpoint of the table that a call is for, and the id in its path.
pub(crate) fn find<'a, R>(
    table: &'static [Endpoint<R>],
    call: &'a Call,
) -> Option<(&'static Endpoint<R>, &'a str)> {
    let path = call.path.strip_suffix(".json").unwrap_or(&call.path);
    let mut candidates = table.iter().filter(|endpoint| endpoint.method == call.method);
    candidates.find_map(|endpoint| Some((endpoint, matched(path, endpoint.pattern)?)))
}

/// The id in a path that has the form of a pattern.
fn matched<'a>(path: &'a str, pattern: &str) -> Option<&'a str> {
    let mut id = "";
    let mut segments = path.split('/');
    for part in pattern.split('/') {
        match (part, segments.next()?) {
            (ID, segment) => id = segment,
            (fixed, segment) if fixed == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(id)
}

impl<'a> Request<'a> {
    pub(crate) fn new(call: &'a Call, id: &'a str, switches: Switches, now: Timestamp) -> Self {
        let body = match call.json() {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        Self { call, switches, now, id, body }
    }

    pub(crate) fn id(&self) -> Option<u64> {
        self.id.parse().ok()
    }

    /// The answer to a successful write.
    pub(crate) fn written(&self, body: Value) -> Reply {
        Reply::json(self.switches.udesk_write_status.into(), body)
    }
}

/// A member that has a value: null counts as left out.
pub(crate) fn given<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A member as text; numbers are taken by their digits.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    given(object, name).map(super::desk::text)
}

/// As [`text`], but an empty one counts as left out.
pub(crate) fn filled(object: &Map<String, Value>, name: &str) -> Option<String> {
    text(object, name).filter(|text| !text.is_empty())
}

/// A member that is a number, or digits.
pub(crate) fn number(object: &Map<String, Value>, name: &str) -> Option<u64> {
    text(object, name)?.parse().ok()
}

/// Parts of a text between commas, without blanks and empty ones.
pub(crate) fn parts(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
