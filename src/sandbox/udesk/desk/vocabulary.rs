//! The vendor's enumerations with all their names. The families name the same values differently, and v1
//! does so even between reading and writing (§4.2, §4.4).

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Open,
    Resolved,
    Closed,
    Solving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    /// The vendor's word for "urgent".
    Urgency,
    High,
    Medium,
    Low,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Platform {
    Email,
    Weibo,
    Wechat,
    Im,
    Call,
    Feedback,
    Hc,
    ManualInput,
    Api,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TextKind {
    #[default]
    Text,
    Html,
}

impl Status {
    pub(super) const ALL: [Self; 4] = [Self::Open, Self::Resolved, Self::Closed, Self::Solving];

    pub(crate) fn english(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Solving => "solving",
        }
    }

    pub(crate) fn chinese(self) -> &'static str {
        match self {
            Self::Open => "打开",
            Self::Resolved => "已解决",
            Self::Closed => "已关闭",
            Self::Solving => "解决中",
        }
    }

    /// v2 has another word for one of them.
    pub(crate) fn chinese_v2(self) -> &'static str {
        match self {
            Self::Open => "开启",
            other => other.chinese(),
        }
    }

    pub(crate) fn id(self) -> u64 {
        match self {
            Self::Open => 1,
            Self::Resolved => 2,
            Self::Closed => 3,
            Self::Solving => 4,
        }
    }

    pub(crate) fn of_english(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.english() == name)
    }

    pub(crate) fn of_chinese(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.chinese() == name)
    }

    pub(crate) fn of_id(id: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.id() == id)
    }
}

impl Priority {
    pub(super) const ALL: [Self; 4] = [Self::Urgency, Self::High, Self::Medium, Self::Low];

    pub(crate) fn english(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    pub(crate) fn chinese(self) -> &'static str {
        match self {
            Self::Urgency => "紧急",
            Self::High => "高",
            Self::Medium => "标准",
            Self::Low => "低",
        }
    }

    pub(crate) fn of_english(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.english() == name)
    }

    pub(crate) fn of_chinese(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.chinese() == name)
    }
}

impl Platform {
    pub(super) const ALL: [Self; 9] = [
        Self::Email,
        Self::Weibo,
        Self::Wechat,
        Self::Im,
        Self::Call,
        Self::Feedback,
        Self::Hc,
        Self::ManualInput,
        Self::Api,
    ];

    pub(crate) fn chinese(self) -> &'static str {
        match self {
            Self::Email => "邮件",
            Self::Weibo => "微博",
            Self::Wechat => "微信",
            Self::Im => "即时聊天",
            Self::Call => "电话",
            Self::Feedback => "反馈标签",
            Self::Hc => "帮助中心",
            Self::ManualInput => "手工录入",
            Self::Api => "API",
        }
    }
}

impl TextKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}
