//! The enumerations of a ticket (§6.2): read in any spelling, named in English.

use serde::Serialize;
use serde_json::Value;

use super::scalar;

/// A value of an enumeration as the vendor sent it, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The vendor's number, if it sent one or its label has one.
    pub code: Option<u8>,
    /// The English name in `snake_case`, if the value is documented.
    pub name: Option<&'static str>,
    /// The vendor's Chinese label; for an undocumented value, the text that it sent.
    pub label: String,
}

/// The documented values of one enumeration.
pub(super) type Table = [(u8, &'static str, &'static str)];

pub(super) const TICKET_STATUS: &Table = &[
    (1, "新建", "new"),
    (2, "已开启", "open"),
    (3, "待回应", "pending"),
    (4, "已解决", "solved"),
    (5, "自动关闭", "auto_closed"),
    (6, "手动关闭", "closed"),
];

pub(super) const PRIORITY_LEVEL: &Table =
    &[(1, "低", "low"), (2, "正常", "normal"), (3, "高", "high"), (4, "紧急", "urgent")];

pub(super) const TICKET_TYPE: &Table =
    &[(1, "问题", "question"), (2, "事务", "transaction"), (3, "故障", "incident"), (4, "任务", "task")];

/// Code 6 is a gap in the documentation, and the label 工单工作台 is returned without being in its list.
pub(super) const TICKET_SOURCE: &Table = &[
    (1, "远程", "remote"),
    (2, "聊天", "chat"),
    (3, "呼叫中心", "call_centre"),
    (4, "留言", "message"),
    (5, "系统创建", "system"),
    (7, "API", "api"),
    (8, "工单模板发布", "template_form"),
    (9, "邮件接入", "email"),
];

pub(super) const CREATER_TYPE: &Table = &[(0, "客服", "agent"), (1, "客户", "customer")];

impl Code {
    /// Reads a number, a number as text or a label; `""` and null are no value. An undocumented value is kept
    /// as it is, 0 included.
    pub(super) fn read(value: Option<&Value>, table: &Table) -> Option<Code> {
        let text = scalar::text(value)?;
        let sent = text.trim().parse::<u8>().ok();
        let row = table.iter().find(|(code, label, _)| sent == Some(*code) || *label == text.trim());
        Some(match row {
            Some((code, label, name)) => {
                Code { code: Some(*code), name: Some(name), label: (*label).to_owned() }
            }
            None => Code { code: sent, name: None, label: text },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(value: Value) -> Option<(Option<u8>, Option<&'static str>, String)> {
        Code::read(Some(&value), TICKET_STATUS).map(|code| (code.code, code.name, code.label))
    }

    #[test]
    fn number_numeric_text_and_label_are_the_same_status() {
        let solved = Some((Some(4), Some("solved"), "已解决".to_owned()));
        assert_eq!(status(json!(4)), solved);
        assert_eq!(status(json!("4")), solved);
        assert_eq!(status(json!("已解决")), solved);
    }

    #[test]
    fn empty_text_and_null_are_no_value() {
        assert_eq!(status(json!("")), None);
        assert_eq!(status(json!(null)), None);
        assert_eq!(Code::read(None, TICKET_STATUS), None);
    }

    #[test]
    fn undocumented_values_are_kept_as_they_came() {
        assert_eq!(status(json!(0)), Some((Some(0), None, "0".to_owned())));
        assert_eq!(status(json!("300")), Some((None, None, "300".to_owned())));
        let source = Code::read(Some(&json!("工单工作台")), TICKET_SOURCE).unwrap();
        assert_eq!(source, Code { code: None, name: None, label: "工单工作台".to_owned() });
    }

    #[test]
    fn zero_is_a_documented_creator_type() {
        assert_eq!(Code::read(Some(&json!("0")), CREATER_TYPE).unwrap().name, Some("agent"));
    }
}
