//! The enumerations of a ticket in their spellings (§4.2): English, Chinese, and the numbers of v2.
//!
//! Tenants define further values, so each has an arm for what is not in the tables; it can be read, and written
//! only where its own spelling is what the call wants.

use serde::{Serialize, Serializer};

/// An enumeration with an English and a Chinese name for each value, and further names that are read only.
macro_rules! names {
    ($(#[$about:meta])* $name:ident {
        $($(#[$means:meta])* $value:ident = $english:literal, $chinese:literal $(| $alias:literal)*;)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$means])* $value,)+
            /// A value that is not in the contract, as it was spelled.
            Other(String),
        }

        impl $name {
            /// Reads any of the names.
            pub fn from_name(name: &str) -> $name {
                match name.trim() {
                    $($english | $chinese $(| $alias)* => $name::$value,)+
                    other => $name::Other(other.to_owned()),
                }
            }

            /// The English name; nothing for [`Other`](Self::Other), whose language is not known.
            pub fn english(&self) -> Option<&'static str> {
                match self {
                    $($name::$value => Some($english),)+
                    $name::Other(_) => None,
                }
            }

            /// The Chinese name that v1 uses; nothing for [`Other`](Self::Other).
            pub fn chinese(&self) -> Option<&'static str> {
                match self {
                    $($name::$value => Some($chinese),)+
                    $name::Other(_) => None,
                }
            }
        }

        impl Serialize for $name {
            /// The English name, or what is not in the contract as it was spelled.
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self {
                    $name::Other(spelled) => spelled,
                    known => known.english().unwrap_or_default(),
                })
            }
        }
    };
}

names! {
    /// What state a ticket is in.
    Status {
        /// Nobody has begun; v2 calls it 开启.
        Open = "open", "打开" | "开启";
        /// Done, in the agent's view.
        Resolved = "resolved", "已解决";
        /// Finished for good.
        Closed = "closed", "已关闭";
        /// Somebody is at it.
        Solving = "solving", "解决中";
    }
}

names! {
    /// How soon a ticket should be handled.
    Priority {
        /// The most urgent; the vendor's English is `urgency`.
        Urgent = "urgency", "紧急";
        /// High.
        High = "high", "高";
        /// The usual.
        Medium = "medium", "标准";
        /// Low.
        Low = "low", "低";
    }
}

names! {
    /// The channel that a ticket came through; it can only be read.
    Platform {
        /// E-mail.
        Email = "email", "邮件";
        /// Weibo.
        Weibo = "weibo", "微博";
        /// WeChat.
        Wechat = "wechat", "微信";
        /// Live chat.
        Im = "im", "即时聊天";
        /// Telephone.
        Call = "call", "电话";
        /// The feedback tab of a website.
        Feedback = "feedback", "反馈标签";
        /// The help centre.
        HelpCentre = "hc", "帮助中心";
        /// Entered by an agent.
        Manual = "manual_input", "手工录入";
        /// The open API.
        Api = "api", "API";
    }
}

names! {
    /// How the content of a ticket is written.
    ContentType {
        /// Plain text.
        Text = "text", "纯文本";
        /// HTML; the page misspells its Chinese name.
        Html = "html", "富文本" | "副文本";
    }
}

impl Status {
    /// The `status_id` of v2. A tenant's own status that was read as a number is written as that number.
    pub fn id(&self) -> Option<u64> {
        match self {
            Status::Open => Some(1),
            Status::Resolved => Some(2),
            Status::Closed => Some(3),
            Status::Solving => Some(4),
            Status::Other(text) => text.parse().ok(),
        }
    }

    /// The status of a `status_id`.
    pub fn from_id(id: u64) -> Status {
        match id {
            1 => Status::Open,
            2 => Status::Resolved,
            3 => Status::Closed,
            4 => Status::Solving,
            other => Status::Other(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_its_value() {
        for status in [Status::Open, Status::Resolved, Status::Closed, Status::Solving] {
            assert_eq!(Status::from_name(status.english().unwrap()), status);
            assert_eq!(Status::from_name(status.chinese().unwrap()), status);
            assert_eq!(Status::from_id(status.id().unwrap()), status);
        }
        for name in ["urgency", "紧急"] {
            assert_eq!(Priority::from_name(name), Priority::Urgent);
        }
        assert_eq!(Status::from_name("开启"), Status::Open);
        assert_eq!(Platform::from_name("API"), Platform::Api);
        assert_eq!(ContentType::from_name("副文本"), ContentType::Html);
    }

    #[test]
    fn a_value_of_the_tenants_own_is_kept() {
        let own = Status::from_name("等待客户");
        assert_eq!(own, Status::Other("等待客户".to_owned()));
        assert_eq!((own.english(), own.chinese(), own.id()), (None, None, None));
        assert_eq!(Status::from_id(12).id(), Some(12));
        assert_eq!(Priority::from_name("urgent"), Priority::Other("urgent".to_owned()));
    }
}
