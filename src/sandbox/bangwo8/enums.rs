//! The codes of a ticket's attributes and the labels that some endpoints return instead.

pub(crate) const NEW: u8 = 1;
pub(crate) const OPEN: u8 = 2;
pub(crate) const AWAITING: u8 = 3;
pub(crate) const SOLVED: u8 = 4;

/// The source of a ticket created through this API that names none.
pub(crate) const API: u8 = 7;

/// One attribute's codes.
#[derive(Debug)]
pub(crate) struct Enumeration {
    pub(crate) name: &'static str,
    labels: &'static [(u8, &'static str)],
}

pub(crate) const STATUS: Enumeration = Enumeration {
    name: "ticketStatus",
    labels: &[
        (NEW, "新建"),
        (OPEN, "已开启"),
        (AWAITING, "待回应"),
        (SOLVED, "已解决"),
        (5, "自动关闭"),
        (6, "手动关闭"),
    ],
};

pub(crate) const PRIORITY: Enumeration =
    Enumeration { name: "priorityLevel", labels: &[(1, "低"), (2, "正常"), (3, "高"), (4, "紧急")] };

pub(crate) const TYPE: Enumeration =
    Enumeration { name: "ticketType", labels: &[(1, "问题"), (2, "事务"), (3, "故障"), (4, "任务")] };

pub(crate) const SOURCE: Enumeration = Enumeration {
    name: "ticketSource",
    labels: &[
        (1, "远程"),
        (2, "聊天"),
        (3, "呼叫中心"),
        (4, "留言"),
        (5, "系统创建"),
        (API, "API"),
        (8, "工单模板发布"),
        (9, "邮件接入"),
    ],
};

/// The label of tickets from the agents' own workbench, which has no documented code.
pub(crate) const WORKBENCH: &str = "工单工作台";

impl Enumeration {
    pub(crate) fn contains(&self, code: u8) -> bool {
        self.label(code).is_some()
    }

    pub(crate) fn label(&self, code: u8) -> Option<&'static str> {
        self.labels.iter().find(|(known, _)| *known == code).map(|(_, label)| *label)
    }
}
