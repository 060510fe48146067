//! `POST /log_in` (§1.2): the administrator's password for the tenant's token, unsigned.

use serde_json::json;

use super::{Answer, Rejection, Request};
use crate::sandbox::credentials::{UDESK_ADMIN_EMAIL, UDESK_ADMIN_PASSWORD, UDESK_API_TOKEN};
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::UdeskTokenKey;
use crate::sandbox::udesk::desk::Desk;
use crate::sandbox::udesk::endpoints::text;

pub(crate) fn token(_: &mut Desk, request: &Request<'_>) -> Answer {
    let email = text(&request.body, "email").ok_or_else(|| Rejection::missing("email"))?;
    let password = text(&request.body, "password").ok_or_else(|| Rejection::missing("password"))?;
    if (email.as_str(), password.as_str()) != (UDESK_ADMIN_EMAIL, UDESK_ADMIN_PASSWORD) {
        return Err(Rejection::invalid("邮箱或密码错误"));
    }
    let key = match request.switches.udesk_token_key {
        UdeskTokenKey::OpenApiAuthToken => "open_api_auth_token",
        UdeskTokenKey::OpenApiToken => "open_api_token",
    };
    Ok(Reply::ok(json!({"code": 1000, key: UDESK_API_TOKEN})))
}
