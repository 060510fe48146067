//! The contract as one page: no script, no font and no style from anywhere else; headings in English or Chinese.

use std::fmt::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    html::{anchor, escape, prose, words},
    shape,
};

const STYLE: &str = include_str!("page.css");
/// Methods in the order in which they are shown.
const METHODS: [&str; 3] = ["get", "post", "options"];

/// Whose headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

/// The page's own words, in the order of the languages.
type Words = [&'static str; 2];
const CONTENTS: Words = ["Contents", "目录"];
const SKIP: Words = ["Skip to the contents of the page", "跳到正文"];
const PARAMETERS: Words = ["Parameters", "参数"];
const BODY: Words = ["Body", "请求体"];
const ANSWERS: Words = ["Answers", "响应"];
const PROOF: Words = ["Who may", "鉴权"];
const SHAPES: Words = ["Shapes", "数据结构"];
const WEBHOOKS: Words = ["Messages to subscribers", "发给订阅方的消息"];
const EXAMPLE: Words = ["Example", "示例"];
const NOBODY: Words = ["anybody, without a key", "无需密钥"];
const REQUIRED: Words = ["required", "必填"];
const OTHER: Words = ["中文", "English"];
const NAME: Words = ["Name", "名称"];
const PLACE: Words = ["Where", "位置"];
const SHAPE: Words = ["Shape", "类型"];
const MEANING: Words = ["Meaning", "说明"];
const STATUS: Words = ["Status", "状态码"];

impl Language {
    /// As HTTP and HTML name it.
    pub(super) fn code(self) -> &'static str {
        self.of(["en", "zh-CN"])
    }

    fn of(self, words: Words) -> &'static str {
        words[self as usize]
    }

    /// A heading of the document, in this language where it has one.
    fn heading<'a>(self, of: &'a Value, english: &str, chinese: &str) -> &'a str {
        let chinese = of[chinese].as_str().filter(|_| self == Self::Chinese);
        chinese.or(of[english].as_str()).unwrap_or_default()
    }
}

/// What a browser may do with the page: show it, with the one style that is in it.
pub(super) fn policy() -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The whole page of an OpenAPI document.
pub(super) fn render(document: &Value, language: Language) -> String {
    let info = &document["info"];
    let title = format!("{} {}", text(&info["title"]), text(&info["version"]));
    let (lang, title) = (language.code(), escape(&title));
    let (skip, nav) = (language.of(SKIP), contents(document, language));
    let other = if language == Language::English { "zh" } else { "en" };
    let mut main = format!("<h1>{title}</h1>\n{}", prose(text(&info["summary"])));
    _ = write!(main, "<p><a href=\"?lang={other}\" hreflang=\"{other}\">{}</a> · ", language.of(OTHER));
    main.push_str(
        "<a href=\"openapi.json\">OpenAPI 3.1</a> · <a href=\"asyncapi.json\">AsyncAPI 3.0</a></p>\n",
    );
    main.push_str(&prose(text(&info["description"])));
    for tag in items(&document["tags"]) {
        main.push_str(&section(document, tag, language));
    }
    main.push_str(&heading(2, language.of(WEBHOOKS), "webhooks"));
    for (_, item) in pairs(&document["webhooks"]) {
        main.push_str(&operation(document, "", "post", &item["post"], language));
    }
    main.push_str(&shapes(document, language));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">{skip}</a>\n{nav}<main id=\"main\">\n\
         {main}</main>\n</body>\n</html>\n"
    )
}

fn contents(document: &Value, language: Language) -> String {
    let mut nav = format!("<nav aria-label=\"{}\">\n", language.of(CONTENTS));
    for tag in items(&document["tags"]) {
        let name = language.heading(tag, "name", "x-name-zh");
        _ = write!(nav, "<h2><a href=\"#{}\">{}</a></h2>\n<ul>\n", anchor(text(&tag["name"])), escape(name));
        for (_, _, operation) in operations(document).filter(|(.., it)| it["tags"][0] == tag["name"]) {
            let summary = language.heading(operation, "summary", "x-summary-zh");
            let id = anchor(text(&operation["operationId"]));
            _ = writeln!(nav, "<li><a href=\"#{id}\">{}</a></li>", words(summary));
        }
        nav.push_str("</ul>\n");
    }
    for (words, id) in [(WEBHOOKS, "webhooks"), (SHAPES, "shapes")] {
        _ = writeln!(nav, "<h2><a href=\"#{id}\">{}</a></h2>", language.of(words));
    }
    nav + "</nav>\n"
}

/// The operations of a tag.
fn section(document: &Value, tag: &Value, language: Language) -> String {
    let name = language.heading(tag, "name", "x-name-zh");
    let mut html = heading(2, name, &anchor(text(&tag["name"])));
    html.push_str(&prose(text(&tag["description"])));
    for (path, method, it) in operations(document).filter(|(.., it)| it["tags"][0] == tag["name"]) {
        html.push_str(&operation(document, path, method, it, language));
    }
    html
}

fn operation(document: &Value, path: &str, method: &str, it: &Value, language: Language) -> String {
    let summary = language.heading(it, "summary", "x-summary-zh");
    let mut html = heading(3, summary, &anchor(text(&it["operationId"])));
    let (method, path) = (method.to_uppercase(), escape(path));
    _ = writeln!(html, "<p class=\"address\"><code><span class=\"method\">{method}</span> {path}</code></p>");
    html.push_str(&prose(text(&it["description"])));
    html.push_str(&proof(document, it, language));
    html.push_str(&parameters(document, it, language));
    html.push_str(&body(document, it, language));
    html + &answers(document, it, language)
}

/// By what a caller may prove who it is.
fn proof(document: &Value, operation: &Value, language: Language) -> String {
    let ways = operation.get("security").unwrap_or(&document["security"]);
    let way = |way: &Value| {
        let schemes: Vec<&str> = pairs(way).map(|(name, _)| name).collect();
        match schemes.as_slice() {
            [] => language.of(NOBODY).to_owned(),
            schemes => format!("<code>{}</code>", escape(&schemes.join(" + "))),
        }
    };
    let ways: Vec<String> = items(ways).map(way).collect();
    let told = if ways.is_empty() { language.of(NOBODY).to_owned() } else { ways.join(", ") };
    format!("<p><strong>{}</strong> {told}</p>\n", language.of(PROOF))
}

fn parameters(document: &Value, operation: &Value, language: Language) -> String {
    let mut rows = String::new();
    for parameter in items(&operation["parameters"]) {
        let it = shape::followed(document, parameter);
        let required = if it["required"] == true { language.of(REQUIRED) } else { "" };
        _ = writeln!(
            rows,
            "<tr><th scope=\"row\"><code>{}</code> <span class=\"quiet\">{required}</span></th><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(text(&it["name"])),
            escape(text(&it["in"])),
            shape::short(&it["schema"]),
            prose(text(&it["description"])),
        );
    }
    if rows.is_empty() {
        return rows;
    }
    let head =
        [NAME, PLACE, SHAPE, MEANING].map(|words| format!("<th scope=\"col\">{}</th>", language.of(words)));
    format!(
        "<h4>{}</h4>\n<table><thead><tr>{}</tr></thead><tbody>\n{rows}</tbody></table>\n",
        language.of(PARAMETERS),
        head.concat()
    )
}

fn body(document: &Value, operation: &Value, language: Language) -> String {
    let body = shape::followed(document, &operation["requestBody"]);
    let media: String = pairs(&body["content"]).map(|(name, media)| content(name, media, language)).collect();
    if media.is_empty() { media } else { format!("<h4>{}</h4>\n{media}", language.of(BODY)) }
}

fn answers(document: &Value, operation: &Value, language: Language) -> String {
    let mut html = format!("<h4>{}</h4>\n", language.of(ANSWERS));
    let head = [STATUS, MEANING].map(|words| format!("<th scope=\"col\">{}</th>", language.of(words)));
    _ = writeln!(html, "<table><thead><tr>{}</tr></thead><tbody>", head.concat());
    for (status, answer) in pairs(&operation["responses"]) {
        let answer = shape::followed(document, answer);
        let told = prose(text(&answer["description"]));
        let shown = |(name, _): &(&str, &Value)| *name != "application/problem+json";
        let media: String = pairs(&answer["content"])
            .filter(shown)
            .map(|(name, media)| content(name, media, language))
            .collect();
        _ = writeln!(html, "<tr><th scope=\"row\">{}</th><td>{told}{media}</td></tr>", escape(status));
    }
    html + "</tbody></table>\n"
}

/// A media type with its shape and an example.
fn content(name: &str, media: &Value, language: Language) -> String {
    let mut html = format!("<p><code>{}</code> {}</p>\n", escape(name), shape::short(&media["schema"]));
    html.push_str(&shape::members(&media["schema"]));
    let examples = pairs(&media["examples"]).map(|(_, example)| &example["value"]);
    for example in media.get("example").into_iter().chain(examples) {
        let example = serde_json::to_string_pretty(example).unwrap_or_default();
        let title = language.of(EXAMPLE);
        _ = writeln!(html, "<p class=\"quiet\">{title}</p>\n<pre tabindex=\"0\">{}</pre>", escape(&example));
    }
    html
}

fn shapes(document: &Value, language: Language) -> String {
    let mut html = heading(2, language.of(SHAPES), "shapes");
    for (name, schema) in pairs(&document["components"]["schemas"]) {
        _ = writeln!(
            html,
            "<details id=\"shape-{}\"><summary><code>{}</code></summary>\n{}{}{}</details>",
            anchor(name),
            escape(name),
            prose(text(&schema["description"])),
            shape::short(schema),
            shape::members(schema),
        );
    }
    html
}

fn heading(level: u8, words_of_it: &str, id: &str) -> String {
    format!("<h{level} id=\"{id}\">{}</h{level}>\n", words(words_of_it))
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    pairs(&document["paths"]).flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some((path, *method, item.get(*method)?)))
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn pairs(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
