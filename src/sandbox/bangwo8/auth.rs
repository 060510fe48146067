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
    let support_id = match bearer(call) {
        // The client credentials belong to the tenant's main account.
        Some(token) if tokens.is_valid(token) => ADMIN_SUPPORT_ID,
        Some(_) => return None,
        None => basic(credential(call, "basic")?)?,
    };
    let group_ids = desk.groups_of(support_id);
    Some(Caller { support_id, group_ids, is_admin: support_id == ADMIN_SUPPORT_ID })
}

/// The token that a call carries, valid or not.
pub(crate) fn bearer(call: &Call) -> Option<&str> {
    credential(call, "bearer").map(str::trim)
}

fn credential<'a>(call: &'a Call, scheme: &str) -> Option<&'a str> {
    let (given, credential) = call.header("authorization")?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(credential)
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
