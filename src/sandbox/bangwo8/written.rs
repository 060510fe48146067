//! What a successful write answers: the resource, or the status and message of the newer documents.

use serde_json::{Value, json};

use super::{Admitted, Reply};
use crate::sandbox::switches::WriteResult;

/// A create answers 200 with `Location`; `resource` stands in its envelope, such as `{"company":{…}}`.
pub(crate) fn created(admitted: &Admitted<'_>, collection: &str, id: u64, resource: Value) -> Reply {
    let location = format!("{}/api/v1/{collection}/{id}.json", admitted.call.base_url);
    result(admitted, "Insert ok", resource).with_header("location", location)
}

pub(crate) fn updated(admitted: &Admitted<'_>, resource: Value) -> Reply {
    result(admitted, "Update ok", resource)
}

fn result(admitted: &Admitted<'_>, message: &str, resource: Value) -> Reply {
    Reply::ok(match admitted.switches.write_result {
        WriteResult::Resource => resource,
        WriteResult::StatusMessage => json!({"status": "0", "message": message, "data": false}),
    })
}
