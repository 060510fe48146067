//! Events as a source may send them, made of its schemas: every type, member, length and pattern that they allow.
//! Knows nothing of mappings but the words that the shipped ones have an answer for.

use std::{collections::BTreeMap, fs, path::Path};

use deskbridge::event::EventType;
use jsonschema::{Draft, PatternOptions, Registry, Resource, Validator};
use proptest::{collection, option, prelude::*, sample, string::string_regex};
use serde_json::{Map, Number, Value, json};

/// References into themselves are followed so deep.
const DEPTH: usize = 2;

/// Texts that some rule has an answer for, and texts that none has.
const TEXTS: &[&str] = &[
    "",
    " ",
    "打印机离线",
    "一,二",
    "一，二",
    "甲\n乙",
    "0",
    "1",
    "0,1",
    "0, 3,",
    "北京",
    "多选框选项1",
    "true",
    "是",
    "7.50",
    "2017-05-03",
    "2017-05-03 14:44",
    "2017-05-04 14:26:18 +0800",
    "2017-05-04T06:26:18Z",
    "+86 138-0013-8000",
    "https://example.com/图",
    "javascript:x()",
    "li.na@example.com",
    "李娜",
    "\u{0}",
    "\u{202e}倒",
    "】伪装",
];
const HTML: &[&str] = &[
    "<p>",
    "</p>",
    "一",
    "&nbsp;",
    "&lt;",
    "&",
    "<b>二</b>",
    "<br>",
    "<table><tr><td>",
    "</td></tr></table>",
    "<ul><li>",
    "<img src=\"https://example.com/1.png\">",
    "<img src=>",
    "<script>x()</script>",
    "<a href='https://a.cn'>",
    "</a>",
    "<",
    ">",
    "<!--",
    "-->",
    "<ol start=\"-9\">",
    "<pre>\n",
    "<td colspan=\"0\">",
    "<div style=\"x\">",
    " ",
    "\u{a0}",
];
/// Names of custom fields: those of rows, and others.
const NAMES: &[&str] = &[
    "TextField_1",
    "TextField_3",
    "TextField_99",
    "SelectField_1",
    "SelectField_2",
    "SelectField_3",
    "field_14",
    "金额",
    "城市",
    "地区",
    "到期",
    "同意",
    "网址",
    "电话",
    "备注",
    "列表一",
    "value",
    "a/b~c",
    "",
];
/// What closed fields are filled with, by their names.
const WORDS: &[(&str, &[&str])] = &[
    (
        "status",
        &[
            "open",
            "打开",
            "开启",
            "solving",
            "解决中",
            "resolved",
            "已解决",
            "closed",
            "已关闭",
            "new",
            "待回应",
            "solved",
        ],
    ),
    ("status_en", &["open", "solving", "resolved", "closed", "挂起"]),
    ("priority", &["low", "标准", "medium", "normal", "high", "高", "urgency", "紧急", "urgent"]),
    ("platform", &["email", "微信", "im", "call", "反馈标签", "hc", "manual_input", "API", "企业微信"]),
    ("channel", &["remote", "聊天", "email", "API", "template_form", "微信"]),
    ("type", &["question", "问题", "task", "故障"]),
    ("user_type", &["agent", "customer", "system"]),
    ("field_name", &["SelectField_1", "SelectField_3", "TextField_1", "SelectField_99"]),
    ("key", NAMES),
];

/// The schemas of one source's events, and what checks events against them.
pub(crate) struct Events {
    schema: Value,
    validator: Validator,
}

impl Events {
    /// Of an event type of a source: `schema` without references, `folders` with the files it was made of.
    pub(crate) fn new(schema: &Value, folders: &[&Path], source: &str, event_type: EventType) -> Self {
        let path = format!("events/{source}/{event_type}.json");
        Self { schema: schema.clone(), validator: validator(folders, &path) }
    }

    /// What is wrong with an event, if anything is.
    pub(crate) fn why_not(&self, event: &Value) -> Option<String> {
        self.validator.validate(event).err().map(|why| format!("{}: {why}", why.instance_path()))
    }

    /// Events, nearly all of which are valid.
    pub(crate) fn strategy(&self) -> BoxedStrategy<Value> {
        let mut definitions = BTreeMap::new();
        find_definitions(&self.schema, &mut definitions);
        Making { definitions }.value(&self.schema, "", 0).expect("a schema that something is valid for")
    }
}

/// Compiled as the intake does it: with formats, and patterns in linear time.
fn validator(folders: &[&Path], path: &str) -> Validator {
    const BASE: &str = "deskbridge:///schemas/";
    let mut registry = Registry::new();
    let mut document = None;
    for folder in folders {
        for (name, read) in documents(folder, folder) {
            document = document.or((name == path).then(|| read.clone()));
            registry =
                registry.add(format!("{BASE}{name}"), Resource::from_contents(read)).expect("a schema");
        }
    }
    let registry = registry.prepare().expect("schemas that hold together");
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_base_uri(format!("{BASE}{path}"))
        .with_registry(&registry)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(&document.expect("the event's schema"))
        .expect("a schema")
}

fn documents(root: &Path, folder: &Path) -> Vec<(String, Value)> {
    let entries =
        fs::read_dir(folder).expect("a folder of schemas").map(|entry| entry.expect("a file").path());
    let read = |path: std::path::PathBuf| match path.is_dir() {
        true => documents(root, &path),
        // The contract stands beside them, in YAML.
        false if path.extension().is_none_or(|ending| ending != "json") => Vec::new(),
        false => {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            vec![(name, serde_json::from_str(&fs::read_to_string(&path).expect("a file")).expect("JSON"))]
        }
    };
    entries.flat_map(read).collect()
}

/// `$defs` at any depth: what refers to itself still refers to one of these.
fn find_definitions(schema: &Value, found: &mut BTreeMap<String, Value>) {
    let Some(members) = schema.as_object() else {
        return schema.as_array().into_iter().flatten().for_each(|item| find_definitions(item, found));
    };
    for (name, definition) in members.get("$defs").and_then(Value::as_object).into_iter().flatten() {
        found.insert(name.clone(), definition.clone());
    }
    members.values().for_each(|member| find_definitions(member, found));
}

type Made = BoxedStrategy<Value>;

struct Making {
    definitions: BTreeMap<String, Value>,
}

impl Making {
    /// Values for a schema; `None` if nothing is valid for it, or all is too deep. `name` is the member's, for words that fit.
    fn value(&self, schema: &Value, name: &str, depth: usize) -> Option<Made> {
        let mut schema = flat(schema)?;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let definition = self.definitions.get(reference.rsplit('/').next()?)?;
            return (depth < DEPTH).then(|| self.value(definition, name, depth + 1)).flatten();
        }
        if let Some(only) = schema.get("const") {
            return Some(Just(only.clone()).boxed());
        }
        if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
            return Some(sample::select(listed.clone()).boxed());
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = schema.remove(key) {
                let of = |branch: &Value| json!({ "allOf": [schema.clone(), branch] });
                let made: Vec<Made> =
                    branches.iter().filter_map(|b| self.value(&of(b), name, depth)).collect();
                return (!made.is_empty()).then(|| proptest::strategy::Union::new(made).boxed());
            }
        }
        let types: Vec<String> = match schema.get("type") {
            Some(Value::String(only)) => vec![only.clone()],
            Some(Value::Array(several)) => {
                several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => return Some(any_json().boxed()),
        };
        let made: Vec<(u32, Made)> = types
            .iter()
            .filter_map(|of| Some((if of == "null" { 1 } else { 3 }, self.typed(of, &schema, name, depth)?)))
            .collect();
        (!made.is_empty()).then(|| proptest::strategy::Union::new_weighted(made).boxed())
    }

    fn typed(&self, of: &str, schema: &Map<String, Value>, name: &str, depth: usize) -> Option<Made> {
        Some(match of {
            "null" => Just(Value::Null).boxed(),
            "boolean" => any::<bool>().prop_map(Value::Bool).boxed(),
            "integer" => integers(schema.get("minimum").and_then(Value::as_i64).unwrap_or(i64::MIN)),
            "number" => prop_oneof![integers(i64::MIN), decimals()].boxed(),
            "string" => texts(schema, name),
            "array" => self.array(schema, depth),
            _ => self.object(schema, depth),
        })
    }

    fn array(&self, schema: &Map<String, Value>, depth: usize) -> Made {
        let first: Vec<Made> =
            list(schema, "prefixItems").iter().filter_map(|s| self.value(s, "", depth)).collect();
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) as usize;
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(4).min(4) as usize;
        match self.value(schema.get("items").unwrap_or(&Value::Bool(true)), "", depth) {
            Some(item) => (first, collection::vec(item, least..=most.max(least)))
                .prop_map(|(first, rest)| Value::Array(first.into_iter().chain(rest).collect()))
                .boxed(),
            None => Just(json!([])).boxed(),
        }
    }

    fn object(&self, schema: &Map<String, Value>, depth: usize) -> Made {
        if schema.get("maxProperties") == Some(&json!(1)) {
            return self.single(schema, depth);
        }
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let member = |(name, of): (&String, &Value)| {
            let value = self.value(of, name, depth)?;
            let is_required = list(schema, "required").iter().any(|required| required == name);
            let name = name.clone();
            let value = if is_required { value.prop_map(Some).boxed() } else { option::of(value).boxed() };
            Some(value.prop_map(move |value| Some((name.clone(), value?))).boxed())
        };
        let members: Vec<_> = properties.iter().filter_map(member).collect();
        let others = match schema.get("additionalProperties").unwrap_or(&Value::Bool(true)) {
            Value::Bool(false) => Just(Vec::new()).boxed(),
            of => self.others(of, depth),
        };
        let named = properties.clone();
        let patterns: Vec<String> = schema
            .get("patternProperties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect();
        let has_pattern =
            move |name: &str| patterns.iter().any(|p| name.starts_with(p.trim_start_matches('^')));
        let patterned = option::of(self.patterned(schema, depth)).prop_map(Option::unwrap_or_default);
        (members, others, patterned)
            .prop_map(move |(members, others, patterned)| {
                let mut object: Map<String, Value> = others
                    .into_iter()
                    .filter(|(name, _)| !named.contains_key(name) && !has_pattern(name))
                    .collect();
                object.extend(patterned);
                object.extend(members.into_iter().flatten());
                Value::Object(object)
            })
            .boxed()
    }

    fn others(&self, of: &Value, depth: usize) -> BoxedStrategy<Vec<(String, Value)>> {
        let name = prop_oneof![8 => sample::select(NAMES).prop_map(str::to_owned), 1 => any::<String>()];
        match self.value(of, "", depth) {
            Some(value) => collection::vec((name, value), 0..6).boxed(),
            None => Just(Vec::new()).boxed(),
        }
    }

    fn patterned(&self, schema: &Map<String, Value>, depth: usize) -> BoxedStrategy<Vec<(String, Value)>> {
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let members = patterns
            .into_iter()
            .flatten()
            .filter_map(|(pattern, of)| Some((by_pattern(pattern), self.value(of, "", depth)?).boxed()));
        members.collect::<Vec<_>>().boxed()
    }

    /// An object of one member, whose name has a pattern.
    fn single(&self, schema: &Map<String, Value>, depth: usize) -> Made {
        self.patterned(schema, depth)
            .prop_map(|members| Value::Object(members.into_iter().take(1).collect()))
            .boxed()
    }
}

/// A schema with all that holds together in one: `None` if nothing can be valid.
pub(crate) fn flat(schema: &Value) -> Option<Map<String, Value>> {
    let mut members = match schema {
        Value::Bool(false) => return None,
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    match members.remove("allOf") {
        Some(Value::Array(all)) => {
            all.iter().try_fold(members, |found, branch| Some(both(found, flat(branch)?)))
        }
        _ => Some(members),
    }
}

fn both(mut one: Map<String, Value>, other: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in other {
        let own = one.remove(&key);
        let joined = match (key.as_str(), own) {
            (_, None) => value,
            ("properties", Some(Value::Object(mut own))) => {
                for (name, schema) in value.as_object().cloned().unwrap_or_default() {
                    let before = own.remove(&name);
                    own.insert(
                        name,
                        before.map_or_else(|| schema.clone(), |before| json!({ "allOf": [before, schema] })),
                    );
                }
                own.into()
            }
            ("required", Some(Value::Array(own))) => {
                own.into_iter().chain(value.as_array().cloned().unwrap_or_default()).collect()
            }
            ("type", Some(own)) => {
                let has = |types: &Value, one: &Value| {
                    types == one || types.as_array().is_some_and(|all| all.contains(one))
                };
                let all = if value.is_array() { value } else { json!([value]) };
                all.as_array().into_iter().flatten().filter(|one| has(&own, one)).cloned().collect()
            }
            (_, Some(own)) => own,
        };
        one.insert(key, joined);
    }
    one
}

pub(crate) fn list<'v>(schema: &'v Map<String, Value>, key: &str) -> &'v [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn integers(least: i64) -> Made {
    prop_oneof![
        4 => (0i64..5).prop_map(move |n| json!(n.max(least))),
        2 => (least..i64::MAX).prop_map(|n| json!(n)),
        1 => Just(json!(u64::MAX)),
    ]
    .boxed()
}

fn decimals() -> Made {
    let any = any::<f64>().prop_filter_map("finite", |n| Number::from_f64(n).map(Value::Number));
    prop_oneof![any, (0u32..100_000).prop_map(|n| json!(f64::from(n) / 1000.0))].boxed()
}

fn texts(schema: &Map<String, Value>, name: &str) -> Made {
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0) as usize;
    let most = schema.get("maxLength").and_then(Value::as_u64).map_or(usize::MAX, |most| most as usize);
    let words = WORDS.iter().find(|(word, _)| *word == name).map(|(_, words)| *words);
    let made =
        match (schema.get("format").and_then(Value::as_str), schema.get("pattern").and_then(Value::as_str)) {
            (Some("date"), _) => dates(),
            (Some("date-time"), _) => {
                (dates(), sample::select(&["T00:00:00Z", "T23:59:59.999+08:00", "T06:26:18-11:30"][..]))
                    .prop_map(|(date, time)| format!("{date}{time}"))
                    .boxed()
            }
            (_, Some(pattern)) => match words {
                Some(words) => {
                    prop_oneof![3 => sample::select(words).prop_map(str::to_owned), 1 => by_pattern(pattern)]
                        .boxed()
                }
                None => by_pattern(pattern),
            },
            _ => match words {
                Some(words) => {
                    prop_oneof![4 => sample::select(words).prop_map(str::to_owned), 1 => text()].boxed()
                }
                None => text().boxed(),
            },
        };
    made.prop_map(move |text| {
        let length = text.chars().count();
        let padded = text.chars().chain(std::iter::repeat_n('文', least.saturating_sub(length)));
        Value::String(padded.take(most).collect())
    })
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        4 => sample::select(TEXTS).prop_map(str::to_owned),
        2 => collection::vec(sample::select(HTML), 0..12).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
    .boxed()
}

fn dates() -> BoxedStrategy<String> {
    (1i32..=9999, 1u32..=12, 1u32..=28).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")).boxed()
}

/// Texts that a pattern finds something in.
fn by_pattern(pattern: &str) -> BoxedStrategy<String> {
    let (start, end) = (pattern.strip_prefix('^'), pattern.strip_suffix('$'));
    let core = start.unwrap_or(pattern);
    let core = if end.is_some() { &core[..core.len() - 1] } else { core };
    let around = |is_open: bool| if is_open { text() } else { Just(String::new()).boxed() };
    let found = string_regex(core).expect("a pattern of a schema");
    (around(start.is_none()), found, around(end.is_none())).prop_map(|(a, b, c)| format!("{a}{b}{c}")).boxed()
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        integers(i64::MIN),
        text().prop_map(Value::String),
    ];
    scalar.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            collection::btree_map(sample::select(NAMES).prop_map(str::to_owned), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
