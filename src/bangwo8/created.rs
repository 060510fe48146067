//! Under which id something was created.

use super::{answer::Answer, error::Error, scalar};

/// Longest id that is taken for one.
const MAX_ID_BYTES: usize = 64;

/// The id of what a creation made. The vendor's answers to one differ and are partly not documented, so it is
/// looked for where any of them has it (§6.5): in the resource, which is under one of `envelopes`, in `data`, in
/// the `Location` header. `keys` are the names that the id can have.
pub(super) fn id(answer: &Answer, envelopes: &[&str], keys: &[&str]) -> Result<String, Error> {
    let body = &answer.body;
    let data = body.get("data");
    let resources =
        envelopes.iter().filter_map(|envelope| scalar::one_or_many(body.get(*envelope)).first()).chain(data);
    resources
        .flat_map(|resource| keys.iter().map(|key| resource.get(*key)))
        .find_map(scalar::id)
        .filter(|id| is_plain(id))
        .or_else(|| scalar::id(data).filter(|id| is_numeric(id)))
        .or_else(|| answer.location.as_deref().and_then(id_in_location))
        .ok_or_else(|| Error::CreatedIdUnknown { call: answer.endpoint.clone() })
}

/// `…/api/v1/tickets/{id}.json`
fn id_in_location(location: &str) -> Option<String> {
    let (_, last) = location.rsplit_once('/')?;
    let id = last.strip_suffix(".json").unwrap_or(last);
    is_numeric(id).then(|| id.to_owned())
}

/// Every id seen so far is a number; another form may come, but none that is an address.
fn is_plain(id: &str) -> bool {
    id.len() <= MAX_ID_BYTES
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_numeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{super::request::Endpoint, *};

    fn created(body: Value, location: Option<&str>) -> Result<String, &'static str> {
        let answer =
            Answer { endpoint: Endpoint::post(&["tickets"]), body, location: location.map(str::to_owned) };
        id(&answer, &["ticket"], &["ticketId"]).map_err(|error| error.code())
    }

    #[test]
    fn the_new_id_is_found_wherever_the_vendor_may_put_it() {
        let id = Ok("7".to_owned());
        assert_eq!(created(json!({"ticket": {"ticketId": 7}}), None), id);
        assert_eq!(created(json!({"ticket": [{"ticketId": "7"}]}), None), id);
        assert_eq!(created(json!({"status": "0", "data": {"ticketId": "7"}}), None), id);
        assert_eq!(created(json!({"status": "0", "data": 7}), None), id);
        assert_eq!(created(json!({"status": "0", "data": "7"}), None), id);
        let location = Some("https://www.bangwo8.com/api/v1/tickets/7.json");
        assert_eq!(created(json!({"status": "0", "message": "Insert ok", "data": false}), location), id);
    }

    #[test]
    fn an_address_is_no_id() {
        for id in ["../../x?y=1#", "7/8", "7 8", "工单"] {
            assert_eq!(created(json!({"ticket": {"ticketId": id}}), None), Err("created_id_unknown"), "{id}");
        }
    }

    #[test]
    fn the_resource_itself_is_believed_before_data_and_location() {
        let body = json!({"ticket": {"ticketId": 7}, "data": 8});
        assert_eq!(created(body, Some("/api/v1/tickets/9.json")), Ok("7".to_owned()));
    }

    #[test]
    fn a_success_without_an_id_is_said_to_be_one() {
        for body in
            [json!({"status": "0", "data": false}), json!({"data": 0}), json!({"data": "ok"}), json!({})]
        {
            assert_eq!(created(body, None), Err("created_id_unknown"));
        }
        assert_eq!(created(json!({}), Some("/api/v1/tickets.json")), Err("created_id_unknown"));
    }

    #[test]
    fn one_object_under_a_plural_key_is_a_resource_too() {
        let answer = Answer {
            endpoint: Endpoint::post(&["customergroups"]),
            body: json!({"customergroups": {"groupId": 1}}),
            location: None,
        };
        assert_eq!(
            id(&answer, &["customergroup", "customergroups"], &["groupId"]).ok().as_deref(),
            Some("1")
        );
    }
}
