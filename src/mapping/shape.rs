//! What a source's JSON Schema says of the value at a pointer: whether it can be there, must be there, and what it can
//! be. Says less than the schema rather than more: what isn't understood counts as anything.

use serde_json::{Map, Value, json};

use super::{pointer::Pointer, types::Types};

/// What can stand at a pointer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    schema: Value,
    /// The schema names it or allows names of its kind.
    pub(super) declared: bool,
    /// Every valid event has a value there that isn't empty.
    pub(super) certain: bool,
    /// What the schema calls the members around it, for proposals.
    pub(super) siblings: Vec<String>,
    /// Not declared, and allowed all the same.
    open: bool,
}

impl Shape {
    /// What a schema without references says of the value at a pointer.
    pub(super) fn at(schema: &Value, pointer: &Pointer) -> Self {
        let (mut declared, mut certain) = (true, true);
        let mut at = std::borrow::Cow::Borrowed(schema);
        for token in pointer.tokens() {
            let child = child(&at, token);
            if declared && !child.declared {
                let (open, siblings) = (child.open, names(&at));
                return Self { schema: child.schema, declared: false, certain: false, siblings, open };
            }
            declared &= child.declared;
            certain &= child.required && !can_be_empty(&child.schema);
            at = std::borrow::Cow::Owned(child.schema);
        }
        Self { schema: at.into_owned(), declared, certain, siblings: Vec::new(), open: false }
    }

    /// Text: what stands in for a value that was told to be missing already.
    pub(super) fn text() -> Self {
        Self {
            schema: json!({ "type": "string" }),
            declared: true,
            certain: true,
            siblings: Vec::new(),
            open: false,
        }
    }

    /// What it says of a value below this one.
    pub(super) fn below(&self, pointer: &Pointer) -> Self {
        Self::at(&self.schema, pointer)
    }

    /// What it says of a member.
    pub(super) fn below_name(&self, name: &str) -> Self {
        let child = child(&self.schema, name);
        let siblings = if child.declared { Vec::new() } else { names(&self.schema) };
        let is_open = self.schema == Value::Bool(true);
        Self {
            schema: child.schema,
            declared: child.declared || is_open,
            certain: false,
            siblings,
            open: child.open,
        }
    }

    /// What it says of an item, if this is a list.
    pub(super) fn item(&self) -> Self {
        let first_differ = self.schema.as_object().is_some_and(|schema| schema.contains_key("prefixItems"));
        let schema = if first_differ { Value::Bool(true) } else { child(&self.schema, "0").schema };
        Self { siblings: Vec::new(), certain: false, declared: true, schema, open: false }
    }

    /// The same without what is no text, number or truth: what a conversion to text reads of it.
    pub(super) fn texts(&self) -> Self {
        let scalars = json!({ "type": ["string", "number", "boolean", "null"] });
        Self { schema: json!({ "allOf": [self.schema, scalars] }), ..self.clone() }
    }

    /// A value that everything is valid for.
    pub(super) fn anything() -> Self {
        Self { schema: Value::Bool(true), declared: true, certain: false, siblings: Vec::new(), open: false }
    }

    pub(super) fn types(&self) -> Types {
        types(&self.schema)
    }

    /// Types of the items, where it is a list.
    pub(super) fn items(&self) -> Types {
        items(&self.schema)
    }

    /// Every value it can have, if the schema lists them.
    pub(super) fn values(&self) -> Option<Vec<Value>> {
        values(&self.schema)
    }

    /// The `format` that every text there has.
    pub(super) fn format(&self) -> Option<&str> {
        keyword(&self.schema, "format").and_then(Value::as_str)
    }

    /// Characters of a text there at most.
    pub(super) fn max_length(&self) -> Option<u64> {
        keyword(&self.schema, "maxLength").and_then(Value::as_u64)
    }

    /// What it says beside a schema that doesn't declare it: that may let anything through.
    fn or_undeclared(self, open: bool) -> Self {
        let schema = if open { json!({ "anyOf": [self.schema, true] }) } else { self.schema };
        Self { schema, certain: false, ..self }
    }

    /// What both say: either can be there.
    pub(super) fn or(self, other: Self) -> Self {
        match (self.declared, other.declared) {
            (true, true) if self.schema == other.schema => {
                Self { certain: self.certain && other.certain, ..self }
            }
            (true, true) => Self {
                schema: json!({ "anyOf": [self.schema, other.schema] }),
                declared: true,
                certain: self.certain && other.certain,
                siblings: self.siblings,
                open: false,
            },
            (true, false) => self.or_undeclared(other.open),
            (false, true) => other.or_undeclared(self.open),
            (false, false) => {
                let mut siblings = self.siblings;
                siblings.extend(other.siblings);
                Self { siblings, ..other }
            }
        }
    }
}

struct Child {
    schema: Value,
    declared: bool,
    required: bool,
    /// Not declared, and allowed all the same: it can be anything.
    open: bool,
}

impl Child {
    fn undeclared() -> Self {
        Self { schema: Value::Bool(true), declared: false, required: false, open: true }
    }
}

fn child(schema: &Value, token: &str) -> Child {
    let Some(members) = schema.as_object() else {
        return Child { open: *schema == Value::Bool(true), ..Child::undeclared() };
    };
    let mut parts: Vec<Value> = own_child(members, token);
    let mut required = has_required(members, token);
    for branch in list(members, "allOf") {
        let child = child(branch, token);
        required |= child.required;
        parts.extend(child.declared.then_some(child.schema));
    }
    for key in ["anyOf", "oneOf"] {
        let has_members =
            |branch: &&Value| types(branch).both(Types::OBJECT.and(Types::ARRAY)) != Types::NONE;
        let branches: Vec<Child> =
            list(members, key).iter().filter(has_members).map(|branch| child(branch, token)).collect();
        required |= !branches.is_empty() && branches.iter().all(|branch| branch.required);
        let any_declared = branches.iter().any(|branch| branch.declared);
        // A branch that says nothing of it and lets it through lets anything through.
        let possible: Vec<Value> =
            branches.into_iter().filter(|b| b.declared || b.open).map(|b| b.schema).collect();
        parts.extend(any_declared.then(|| json!({ "anyOf": possible })));
    }
    if parts.contains(&Value::Bool(false)) {
        return Child { schema: Value::Bool(false), declared: false, required: false, open: false };
    }
    let declared = !parts.is_empty();
    let schema = match parts.len() {
        0 => Value::Bool(true),
        1 => parts.remove(0),
        _ => json!({ "allOf": parts }),
    };
    Child { schema, declared, required, open: !declared }
}

/// By the schema's own keywords, which hold together; empty if they say nothing of it.
fn own_child(members: &Map<String, Value>, token: &str) -> Vec<Value> {
    let named = members.get("properties").and_then(|properties| properties.get(token));
    let patterns = members.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    let patterned = patterns.filter(|(pattern, _)| names_match(pattern, token)).map(|(_, schema)| schema);
    let found: Vec<Value> = named.into_iter().chain(patterned).cloned().collect();
    if !found.is_empty() {
        return found;
    }
    let others = || {
        members.get("additionalProperties").filter(|others| others.is_object() || **others == json!(false))
    };
    others().or_else(|| own_item(members, token)).cloned().into_iter().collect()
}

fn own_item<'v>(members: &'v Map<String, Value>, token: &str) -> Option<&'v Value> {
    let index = token.parse::<usize>().ok().filter(|_| token.bytes().all(|byte| byte.is_ascii_digit()))?;
    list(members, "prefixItems").get(index).or_else(|| members.get("items"))
}

fn has_required(members: &Map<String, Value>, token: &str) -> bool {
    list(members, "required").iter().any(|name| name == token)
}

fn list<'v>(members: &'v Map<String, Value>, key: &str) -> &'v [Value] {
    members.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The names of the members that a schema declares.
fn names(schema: &Value) -> Vec<String> {
    let Some(members) = schema.as_object() else { return Vec::new() };
    let own = members.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned();
    let below = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| list(members, key)).flat_map(names);
    own.chain(below).collect()
}

fn types(schema: &Value) -> Types {
    let members = match schema {
        Value::Bool(false) => return Types::NONE,
        Value::Object(members) => members,
        _ => return Types::ANY,
    };
    let mut found = match members.get("type") {
        Some(Value::String(name)) => Types::named(name),
        Some(Value::Array(names)) => union(names.iter().filter_map(Value::as_str).map(Types::named)),
        _ => Types::ANY,
    };
    if let Some(listed) = members.get("enum").and_then(Value::as_array) {
        found = found.both(union(listed.iter().map(Types::of)));
    }
    if let Some(only) = members.get("const") {
        found = found.both(Types::of(only));
    }
    found = list(members, "allOf").iter().fold(found, |found, branch| found.both(types(branch)));
    for key in ["anyOf", "oneOf"] {
        if !list(members, key).is_empty() {
            found = found.both(union(list(members, key).iter().map(types)));
        }
    }
    found
}

fn union(all: impl Iterator<Item = Types>) -> Types {
    all.fold(Types::NONE, Types::and)
}

fn items(schema: &Value) -> Types {
    let Some(members) = schema.as_object() else { return Types::ANY };
    let rest = members.get("items").map_or(Types::ANY, types);
    let own = list(members, "prefixItems").iter().map(types).fold(rest, Types::and);
    let all = list(members, "allOf").iter().fold(own, |found, branch| found.both(items(branch)));
    ["anyOf", "oneOf"].into_iter().fold(all, |found, key| {
        let lists =
            list(members, key).iter().filter(|branch| !types(branch).both(Types::ARRAY).within(Types::NONE));
        let of_branches: Vec<Types> = lists.map(items).collect();
        if of_branches.is_empty() { found } else { found.both(union(of_branches.into_iter())) }
    })
}

fn values(schema: &Value) -> Option<Vec<Value>> {
    let members = schema.as_object()?;
    if let Some(listed) = members.get("enum").and_then(Value::as_array) {
        return Some(listed.clone());
    }
    if let Some(only) = members.get("const") {
        return Some(vec![only.clone()]);
    }
    let from_all = list(members, "allOf").iter().find_map(values);
    from_all.or_else(|| {
        let branches =
            ["anyOf", "oneOf"].into_iter().map(|key| list(members, key)).find(|b| !b.is_empty())?;
        let all: Option<Vec<Vec<Value>>> = branches.iter().map(one_branch).collect();
        Some(all?.concat())
    })
}

fn one_branch(schema: &Value) -> Option<Vec<Value>> {
    if types(schema) == Types::NULL { Some(vec![Value::Null]) } else { values(schema) }
}

/// A keyword that holds for every text: its own, one of all that hold together, or the same one of every alternative.
fn keyword<'v>(schema: &'v Value, name: &str) -> Option<&'v Value> {
    let members = schema.as_object()?;
    if let Some(value) = members.get(name) {
        return Some(value);
    }
    let all = list(members, "allOf").iter().find_map(|branch| keyword(branch, name));
    all.or_else(|| {
        let branches = ["anyOf", "oneOf"].into_iter().flat_map(|key| list(members, key));
        let is_text = |branch: &&Value| !types(branch).both(Types::STRING).within(Types::NONE);
        let texts = branches.filter(is_text).filter(|branch| branch.get("const") != Some(&json!("")));
        let found: Vec<Option<&Value>> = texts.map(|branch| keyword(branch, name)).collect();
        let first = *found.first()?;
        if found.iter().all(|other| *other == first) { first } else { None }
    })
}

/// True if null, an empty text, list or object is valid: those mean "none" to a mapping.
fn can_be_empty(schema: &Value) -> bool {
    let types = types(schema);
    if !types.within(Types::NUMBER.and(Types::BOOLEAN).and(Types::STRING)) {
        return true;
    }
    types.both(Types::STRING) == Types::STRING && can_be_blank(schema)
}

fn can_be_blank(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else { return true };
    if types(schema).both(Types::STRING) == Types::NONE {
        return false;
    }
    let long = members.get("minLength").and_then(Value::as_u64).is_some_and(|least| least > 0);
    let patterned = members.get("pattern").and_then(Value::as_str).is_some_and(refuses_empty);
    let listed = members.get("enum").and_then(Value::as_array).is_some_and(|l| !l.contains(&json!("")));
    let only = members.get("const").is_some_and(|only| *only != json!(""));
    let all = list(members, "allOf").iter().any(|branch| !can_be_blank(branch));
    let one = ["anyOf", "oneOf"]
        .into_iter()
        .map(|key| list(members, key))
        .any(|branches| !branches.is_empty() && branches.iter().all(|branch| !can_be_blank(branch)));
    !(long || patterned || listed || only || all || one)
}

/// Asked of the library that checks the events, so that both mean the same by a pattern.
fn refuses_empty(pattern: &str) -> bool {
    refuses(&json!({ "pattern": pattern }), &json!(""))
}

fn names_match(pattern: &str, name: &str) -> bool {
    refuses(&json!({ "patternProperties": { pattern: false } }), &json!({ name: null }))
}

fn refuses(schema: &Value, value: &Value) -> bool {
    jsonschema::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(schema)
        .is_ok_and(|validator| !validator.is_valid(value))
}
