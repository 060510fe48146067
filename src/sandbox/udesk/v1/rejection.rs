//! Why v1 refuses, in its own words (§6). The words are the vendor's to the byte.

use serde_json::json;

use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::BadValue;

#[derive(Debug)]
pub(crate) enum Rejection {
    /// HTTP 200 with a status other than 0 (§6.1).
    Business { status: u32, message: String },
    /// HTTP 400 and a shape of its own (§6.2).
    Parameter(String),
}

impl Rejection {
    pub(crate) fn business(status: u32, message: &str) -> Self {
        Self::Business { status, message: message.to_owned() }
    }

    pub(crate) fn sign() -> Self {
        Self::business(2002, "签名错,请升级版本后使用!")
    }

    pub(crate) fn no_ticket() -> Self {
        Self::business(1003, "未找到相应工单")
    }

    pub(crate) fn no_agent() -> Self {
        Self::business(1001, "未找到客服")
    }

    pub(crate) fn no_agent_with_email(email: &str) -> Self {
        Self::business(1008, &format!("未找到邮箱为{email}的客服"))
    }

    pub(crate) fn no_group() -> Self {
        Self::business(1001, "客服组错误")
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::Parameter(format!("{parameter} is missing"))
    }

    pub(crate) fn exclusive(one: &str, other: &str) -> Self {
        Self::Parameter(format!("{one}, {other} are mutually exclusive"))
    }

    pub(crate) fn reply(&self) -> Reply {
        match self {
            Self::Business { status, message } => Reply::ok(json!({"status": status, "message": message})),
            Self::Parameter(error) => Reply::json(400, json!({"error": error})),
        }
    }
}

impl From<BadValue> for Rejection {
    fn from(bad: BadValue) -> Self {
        Self::business(1001, &format!("验证失败: {bad}"))
    }
}
