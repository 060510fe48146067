//! Why v2 refuses: HTTP 200 with a code other than 1000 (§5.0). The vendor's table of codes isn't known beyond
//! 2059; what else is refused here has the codes that its chat family uses for such mistakes.

use serde_json::json;

use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::BadValue;

#[derive(Debug)]
pub(crate) struct Rejection {
    code: u32,
    message: String,
}

impl Rejection {
    pub(crate) fn sign() -> Self {
        Self { code: 2059, message: "open api signature wrong".to_owned() }
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self { code: 2062, message: format!("{parameter} is missing") }
    }

    pub(crate) fn invalid(message: &str) -> Self {
        Self { code: 2000, message: message.to_owned() }
    }

    pub(crate) fn no_ticket() -> Self {
        Self::invalid("未找到相应工单")
    }

    pub(crate) fn no_customer() -> Self {
        Self::invalid("未找到相应客户")
    }

    pub(crate) fn no_agent() -> Self {
        Self::invalid("未找到客服")
    }

    pub(crate) fn reply(&self) -> Reply {
        Reply::ok(json!({"code": self.code, "message": self.message}))
    }
}

impl From<BadValue> for Rejection {
    fn from(bad: BadValue) -> Self {
        Self::invalid(&format!("验证失败: {bad}"))
    }
}
