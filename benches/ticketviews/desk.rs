//! The simulator as a process of its own.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{
    Result,
    process::{Process, client, free_address, until_it_answers},
};

/// The view of the seed data that holds the tickets of one tag, how many it has, and the tag.
const TAGGED: usize = 7;
const TAG: &str = "售中";
/// Ids that the seed data doesn't use.
const FIRST_ID: usize = 7_000_000;

/// A running simulator of Bangwo8.
pub(crate) struct Desk {
    _process: Process,
    pub(crate) url: String,
}

impl Desk {
    pub(crate) async fn start(more: &[&str]) -> Result<Self> {
        let address = free_address()?;
        let child = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .args(["sandbox", "--udesk-listen", "127.0.0.1:0", "--bangwo8-listen", &address])
            .args(more)
            .stdout(Stdio::null())
            .spawn()?;
        let (process, url) = (Process(child), format!("http://{address}"));
        until_it_answers(&format!("{url}/_sandbox/")).await?;
        Ok(Self { _process: process, url })
    }

    /// Tags so many new tickets that the view has `count`.
    pub(crate) async fn fill_view(&self, count: usize) -> Result<()> {
        for number in TAGGED..count {
            self.add(&ticket(number)).await?;
        }
        Ok(())
    }

    pub(crate) async fn add(&self, ticket: &Value) -> Result<()> {
        self.control("tickets", ticket).await
    }

    pub(crate) async fn switch_off(&self, view: &str) -> Result<()> {
        self.control(&format!("views/{view}"), &json!({ "active": "0" })).await
    }

    async fn control(&self, path: &str, body: &Value) -> Result<()> {
        let answer = client()?.post(format!("{}/_sandbox/{path}", self.url)).json(body).send().await?;
        if !answer.status().is_success() {
            return Err(format!("the simulator refused {path}: {}", answer.text().await?).into());
        }
        Ok(())
    }
}

/// A ticket of the view.
pub(crate) fn ticket(number: usize) -> Value {
    json!({
        "ticketId": FIRST_ID + number,
        "subject": format!("空调不制冷,客户要求今天上门 {number}"),
        "descript": "客户反映主机启动后十分钟停机,面板显示 E4;已请客户断电重启一次,故障依旧,需携带冷媒与压力表上门检查。",
        "ticketStatus": 2,
        "priorityLevel": 3,
        "ticketType": 3,
        "custUserId": 21_130_282,
        "servicerUserId": 565_123,
        "ticketTemplateId": 4,
        "tagList": TAG,
    })
}
