//! Who calls: HTTP Basic with an account, or Bearer with a token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::desk::Desk;
use super::token::Tokens;
use crate::sandbox::call::Call;
use crate::sandbox::credentials::{
    BANGWO8_ADMIN_ACCOUNT, BANGWO8_ADMIN_PASSWORD, BANGWO8_AGENT_ACCOUNT, BANGWO8_AGENT_PASSWORD,
};

const ADMIN_SUPPORT_ID: u64 = 565_123;
const AGENT_SUPPORT_ID: u64 = 565_124;

/// The support agent on whose behalf a request is made; "your tickets" are theirs.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) support_id: u64,
    pub(crate) group_ids: Vec<u64>,
    pub(crate) is_admin: bool,
}

pub(crate) fn caller(call: &Call, tokens: &Tokens, desk: &Desk) -> Option<Caller> {
    let (scheme, credential) = call.header("authorization")?.split_once(' ')?;
    let support_id = match scheme.to_ascii_lowercase().as_str() {
        "basic" => basic(credential)?,
        // The client credentials belong to the tenant's main account.
        "bearer" if tokens.is_valid(credential.trim()) => ADMIN_SUPPORT_ID,
        _ => return None,
    };
    let group_ids = desk.groups_of(support_id);
    Some(Caller { support_id, group_ids, is_admin: support_id == ADMIN_SUPPORT_ID })
}

/// User and password of a Basic credential.
pub(crate) fn decode_basic(credential: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credential.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn basic(credential: &str) -> Option<u64> {
    let (account, password) = decode_basic(credential)?;
    match (account.as_str(), password.as_str()) {
        (BANGWO8_ADMIN_ACCOUNT, BANGWO8_ADMIN_PASSWORD) => Some(ADMIN_SUPPORT_ID),
        (BANGWO8_AGENT_ACCOUNT, BANGWO8_AGENT_PASSWORD) => Some(AGENT_SUPPORT_ID),
        _ => None,
    }
}
