//! The documented refusals: which code and text of the vendor means which error (§5).

use super::{error::Error, request::Endpoint};

/// The vendor's code for a URL that names nothing.
const INVALID_RESOURCE_URI: &str = "100047";
/// The vendor's code for options written to a field that takes none.
const NOT_A_DROP_DOWN: &str = "10001";
/// The code that several different refusals share.
const VALIDATION: &str = "403";

/// A documented text, and the error that it is.
type Text = (&'static str, fn(Endpoint) -> Error);

// Elsewhere no error is told by its text; here nothing else tells several refusals apart. So the texts are compared
// whole, only for the calls that they are documented for, and one that the vendor rewords falls back to
// `Error::Rejected` and never to a wrong one.

/// What a refused write of field options means (§7.3, §7.4).
const OPTIONS: &[Text] = &[
    ("columnId does not exist", |call| Error::FieldNotFound { call }),
    ("optionName cannot be empty", |call| Error::OptionNameEmpty { call }),
    ("optionName cannot repeat", |call| Error::OptionNameRepeated { call }),
    ("optionId or extendId not exist", |call| Error::OptionNotFound { call }),
    ("Fill in at least one of optionId and extendId, but not both", |call| Error::OptionIdMissing { call }),
];

/// What a refused binding means (§9.5).
const BINDINGS: &[Text] = &[
    ("user error", |call| Error::ContactNotFound { call }),
    ("Bind Already exists", |call| Error::AlreadyBound { call }),
];

/// The error of a documented `state` (E1).
pub(super) fn by_state(call: &Endpoint, code: &str, message: &str) -> Option<Error> {
    match code {
        NOT_A_DROP_DOWN => Some(Error::NotADropDown { call: call.clone() }),
        VALIDATION => {
            texts_of(call).iter().find(|(text, _)| *text == message).map(|(_, error)| error(call.clone()))
        }
        _ => None,
    }
}

fn texts_of(call: &Endpoint) -> &'static [Text] {
    if call.path.starts_with("/api/v1/tickets/ticket_fields/") {
        OPTIONS
    } else if call.path.starts_with("/api/v1/user/relationship/") {
        BINDINGS
    } else {
        &[]
    }
}

/// The error of a documented `errcode` (E2).
pub(super) fn by_errcode(call: &Endpoint, code: &str) -> Option<Error> {
    (code == INVALID_RESOURCE_URI).then(|| Error::InvalidResourceUri { call: call.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Endpoint {
        Endpoint::put(&["tickets", "ticket_fields", "1", "options"])
    }

    fn name(call: &Endpoint, code: &str, message: &str) -> Option<&'static str> {
        by_state(call, code, message).map(|error| error.code())
    }

    #[test]
    fn each_documented_refusal_has_a_name_and_no_other_text_has_it() {
        let binding = Endpoint::post(&["user", "relationship", "cid"]);
        for (call, message, expected) in [
            (options(), "columnId does not exist", "field_not_found"),
            (options(), "optionName cannot be empty", "option_name_empty"),
            (options(), "optionName cannot repeat", "option_name_repeated"),
            (options(), "optionId or extendId not exist", "option_not_found"),
            (options(), "Fill in at least one of optionId and extendId, but not both", "option_id_missing"),
            (binding.clone(), "user error", "contact_not_found"),
            (binding, "Bind Already exists", "already_bound"),
        ] {
            assert_eq!(name(&call, "403", message), Some(expected));
            assert_eq!(name(&call, "403", &format!("{message}.")), None);
            assert_eq!(name(&call, "404", message), None);
            assert_eq!(name(&Endpoint::post(&["tickets"]), "403", message), None);
        }
    }

    #[test]
    fn a_code_of_its_own_needs_no_text() {
        assert_eq!(name(&options(), "10001", "字段类型不符"), Some("not_a_drop_down"));
        assert_eq!(by_errcode(&options(), "100047").map(|error| error.code()), Some("invalid_resource_uri"));
        assert!(by_errcode(&options(), "100048").is_none());
    }
}
