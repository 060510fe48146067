//! Field lists that agree with the shipped Udesk mapping, to be changed by tests, in place of the simulators' own.

use deskbridge::sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use super::{http_client, send};

/// What both vendors answer when they are asked for the fields of tickets.
pub(crate) struct FieldLists {
    /// As Udesk's family v1 lists them.
    pub(crate) source: Vec<Value>,
    /// As Bangwo8 lists them.
    pub(crate) target: Vec<Value>,
}

impl FieldLists {
    /// The fields of the mapping's rows and no others.
    pub(crate) fn agreeing() -> Self {
        let text = ["text", "area_text", "date", "time", "datetime", "link", "number", "numeric"];
        let mut source: Vec<Value> = text
            .iter()
            .zip(1..)
            .map(|(kind, n)| source(&format!("TextField_{n}"), kind, json!([])))
            .collect();
        source.push(self::source("SelectField_1", "droplist", numbered("下拉选项", 3)));
        source.push(self::source("SelectField_2", "radio", numbered("单选框选项", 2)));
        source.push(self::source("SelectField_3", "checkbox", numbered("多选框选项", 4)));
        let mut target: Vec<Value> = ["2", "3", "8", "2", "2", "2", "4", "5"]
            .iter()
            .zip(1..)
            .map(|(kind, n)| self::target(&format!("field_{n}"), kind, &[]))
            .collect();
        target.push(self::target("field_9", "1", &["下拉选项1", "下拉选项2", "下拉选项3"]));
        target.push(self::target("field_10", "1", &["单选框选项1", "单选框选项2"]));
        let several = ["多选框选项1", "多选框选项2", "多选框选项3", "多选框选项4"];
        target.push(self::target("field_11", "14", &several));
        Self { source, target }
    }

    /// The source's field of this name.
    pub(crate) fn source(&mut self, name: &str) -> &mut Value {
        self.source.iter_mut().find(|field| field["field_name"] == name).expect("a field")
    }

    /// The target's field of this key.
    pub(crate) fn target(&mut self, key: &str) -> &mut Value {
        self.target.iter_mut().find(|field| field["key"] == key).expect("a field")
    }

    /// One more option of the source's field, after those it has.
    pub(crate) fn offer(&mut self, name: &str, option: &str) {
        let options = self.source(name)["options"].as_array_mut().expect("options");
        options.push(json!({ options.len().to_string(): option }));
    }

    /// Has the simulators answer so from now on.
    pub(crate) async fn serve(&self, sandbox: &Sandbox) {
        let source = json!({ "status": 0, "message": "success", "ticket_fields": self.source });
        answer_with(&sandbox.udesk_url(), "/api/v2/ticket_fields.json", &source).await;
        answer_with(&sandbox.bangwo8_url(), "/api/v1/tickets/ticket_fields.json", &json!(self.target)).await;
    }
}

/// A field as Udesk's v1 lists it.
pub(crate) fn source(name: &str, content_type: &str, options: Value) -> Value {
    json!({ "field_name": name, "field_label": format!("{name}的名称"), "content_type": content_type, "options": options })
}

/// A field as Bangwo8 lists it: optional and writable.
pub(crate) fn target(key: &str, kind: &str, options: &[&str]) -> Value {
    let id = key.replace("field_", "87690");
    let mut field = json!({ "id": id, "key": key, "name": format!("{key}的名称"), "type": kind, "isRequired": "1", "isReadonly": "0" });
    if !options.is_empty() {
        let option = |(n, name): (i32, &&str)| json!({ "key": format!("{id}{n}"), "value": name });
        field["custom_field_options"] = (1..).zip(options).map(option).collect();
    }
    field
}

/// `[{"0":"选项1"},{"1":"选项2"}]`.
fn numbered(name: &str, count: usize) -> Value {
    (0..count).map(|index| json!({ index.to_string(): format!("{name}{}", index + 1) })).collect()
}

/// Calls of this path get this answer until others are planned.
async fn answer_with(url: &str, path: &str, body: &Value) {
    let client = http_client();
    let faults = format!("{url}/_sandbox/faults");
    send(client.request(Method::DELETE, &faults)).await;
    let rule = json!({ "path": path, "times": 0, "fault": { "status": 200, "body": body } });
    let planned = send(client.post(&faults).json(&rule)).await;
    assert_eq!(planned.status, 201, "{}", planned.text);
}
