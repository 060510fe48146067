//! Why a request is refused, and the vendor's several ways of saying so.

use serde_json::{Value, json};

use super::{Reply, Switches};
use crate::sandbox::switches::UnauthorizedBody;

#[derive(Debug, Clone)]
pub(crate) enum Rejection {
    Unauthorized,
    Forbidden,
    NotFound,
    /// The request cannot be read at all.
    BadRequest(&'static str),
    /// The request is understood and its content is refused: the `state` body, whose `"403"` says nothing
    /// about permissions.
    Business(String),
    /// An option written to a field that has none (§5, `10001`).
    NotADropdown,
    /// A company of this name exists; the answer tells which (§8.5).
    NameTaken {
        company_id: u64,
    },
    /// Rows of an asset table that are not stored (§11).
    RowsRefused(String),
}

impl Rejection {
    pub(crate) fn empty(name: &str) -> Self {
        Self::Business(format!("{name} cannot be empty"))
    }

    pub(crate) fn invalid(name: &str) -> Self {
        Self::Business(format!("{name} is invalid"))
    }

    pub(crate) fn unknown(name: &str) -> Self {
        Self::Business(format!("{name} does not exist"))
    }

    pub(crate) fn reply(&self, switches: &Switches) -> Reply {
        let status = switches.business_error_status.into();
        match self {
            Self::Unauthorized => unauthorized(switches.unauthorized_body),
            Self::Forbidden => errcode(403, "403", "Insufficient permissions"),
            Self::NotFound => errcode(404, "100047", "Invalid resource URI"),
            Self::BadRequest(reason) => errcode(400, "400", reason),
            Self::Business(message) => Reply::json(status, json!({"state": "403", "message": message})),
            Self::NotADropdown => {
                let message = "This field is not a drop-down field";
                Reply::json(status, json!({"state": "10001", "message": message}))
            }
            Self::NameTaken { company_id } => {
                let data = json!({"companyId": company_id.to_string()});
                errormsg(status, "110026", "company already exists", data)
            }
            Self::RowsRefused(reason) => errormsg(status, "403", reason, json!(false)),
        }
    }
}

fn unauthorized(body: UnauthorizedBody) -> Reply {
    match body {
        UnauthorizedBody::Oauth => Reply::json(
            401,
            json!({"error": "invalid_token", "error_description": "The access token provided is invalid"}),
        ),
        UnauthorizedBody::Errcode => errcode(401, "401", "Authentication failed"),
        UnauthorizedBody::Empty => Reply::empty(401),
    }
}

fn errormsg(http_status: u16, status: &str, message: &str, data: Value) -> Reply {
    Reply::json(http_status, json!({"status": status, "errorMsg": message, "data": data}))
}

fn errcode(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, json!({"errcode": code, "errmsg": message}))
}
