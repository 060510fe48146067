//! Rules of fields.

use serde_json::Value;

use super::{At, Compiler, Scope};
use crate::mapping::{
    TenantValue,
    convert::{self, Convert},
    pointer::Pointer,
    question::Kind,
    rule::{Given, How, Rule},
    shape::Shape,
    trace::ExpectedIds,
    vocabulary::{TargetField, TargetType},
    yaml::{Content, Node},
};

/// Members of a rule.
pub(super) const RULE: &[&str] = &[
    "from",
    "value",
    "parameter",
    "template",
    "join",
    "with",
    "first_of",
    "when",
    "table",
    "lookup",
    "convert",
    "unreadable",
    "lossy",
];
/// Members that a field has beside its rule.
pub(super) const BESIDE: &[&str] = &["default", "required", "max_length"];
/// Where a value can come from: a rule has one of these.
const ORIGINS: [&str; 6] = ["from", "value", "parameter", "template", "join", "first_of"];
const CONVERSIONS: [&str; 3] = ["table", "lookup", "convert"];
/// Rules inside rules at most: more is a mistake.
const MAX_DEPTH: usize = 8;

/// What a rule is for.
#[derive(Clone, Copy)]
pub(super) struct For<'a> {
    pub(super) name: &'a str,
    pub(super) field: &'a TargetField,
    pub(super) path: &'a str,
    pub(super) depth: usize,
}

impl Compiler {
    pub(super) fn rule(&mut self, node: &Node, scope: &Scope, to: For<'_>, known: &[&str]) -> Option<Rule> {
        if to.depth > MAX_DEPTH {
            self.problem(node, format!("rules stand in each other more than {MAX_DEPTH} deep"));
            return None;
        }
        if !self.map(node, "a rule", known) {
            return None;
        }
        self.about.rules.push(to.path.to_owned());
        let when = match node.get("when") {
            Some(node) => Some(self.condition(node, scope)?),
            None => None,
        };
        let how = self.how(node, scope, to)?;
        Some(Rule { path: to.path.to_owned(), when, how })
    }

    fn how(&mut self, node: &Node, scope: &Scope, to: For<'_>) -> Option<How> {
        let origins: Vec<&str> = ORIGINS.into_iter().filter(|name| node.get(name).is_some()).collect();
        let [origin] = origins[..] else {
            let message = match origins[..] {
                [] => format!("a rule needs one of {}", ORIGINS.join(", ")),
                _ => format!("a rule has one of {}, not {}", ORIGINS.join(", "), origins.join(" and ")),
            };
            self.problem(node, message);
            return None;
        };
        let conversions: Vec<&str> =
            CONVERSIONS.into_iter().filter(|name| node.get(name).is_some()).collect();
        if conversions.len() > 1 || (origin != "from" && !conversions.is_empty()) {
            let message = "a value is converted in one way: from with table, or with lookup, or with convert";
            self.problem(node, message);
            return None;
        }
        self.stands_where_it_is_read(node, origin, conversions.first().copied());
        let value = node.get(origin)?;
        match origin {
            "value" => self.constant(value, to),
            "parameter" => self.tenant_value(value, to),
            "template" => self.template(value, scope, to),
            "join" => self.join(node, value, scope, to),
            "first_of" => self.first_of(value, scope, to),
            _ => self.from(node, value, conversions.first().copied(), scope, to),
        }
    }

    /// A member that nothing reads would look as if it did something.
    fn stands_where_it_is_read(&mut self, node: &Node, origin: &str, conversion: Option<&str>) {
        if let Some(with) = node.get("with").filter(|_| origin != "join") {
            self.problem(with, "with is what stands between the texts of a join: take it out");
        }
        let converts = origin == "from" && matches!(conversion, None | Some("convert"));
        if let Some(unreadable) = node.get("unreadable").filter(|_| !converts) {
            let message =
                "unreadable is for a value that is read from the event as text or by convert: take it out";
            self.problem(unreadable, message);
        }
    }

    /// The same for every event.
    fn constant(&mut self, node: &Node, to: For<'_>) -> Option<How> {
        self.literal_for(node, to).map(How::Constant)
    }

    /// A value that the file gives, as the field takes it.
    pub(super) fn literal_for(&mut self, node: &Node, to: For<'_>) -> Option<Value> {
        let literal = self.literal(node).cloned().unwrap_or(Value::Null);
        let fits = match to.field.kind {
            TargetType::Text => {
                let text = convert::text(&literal).filter(|_| !literal.is_boolean());
                text.is_some_and(|text| to.field.max_length.is_none_or(|most| length(&text) <= most))
            }
            TargetType::Date => literal
                .as_str()
                .is_some_and(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()),
            TargetType::Code => literal.as_u64().is_some_and(|code| to.field.codes.contains_key(&code)),
            TargetType::Id => literal.is_u64(),
        };
        if fits {
            let as_text = to.field.kind == TargetType::Text && literal.is_number();
            return Some(if as_text { literal.to_string().into() } else { literal });
        }
        let message = match to.field.kind {
            TargetType::Text => match to.field.max_length {
                Some(most) => format!("{} takes text of {most} characters at most", to.name),
                None => format!("{} takes text", to.name),
            },
            TargetType::Date => format!("{} takes a date, e.g. \"2026-01-31\"", to.name),
            TargetType::Code => format!("{} has no code {literal}, only {}", to.name, codes(to.field)),
            TargetType::Id => format!("{} takes an id: a whole number", to.name),
        };
        self.problem(node, message);
        None
    }

    fn tenant_value(&mut self, node: &Node, to: For<'_>) -> Option<How> {
        let kind = match to.field.kind {
            TargetType::Id => TenantValue::Id,
            TargetType::Text => TenantValue::Text,
            TargetType::Code | TargetType::Date => {
                self.problem(node, format!("{} can't be a parameter: give it a value", to.name));
                return None;
            }
        };
        let parameter = self.parameter(node, kind)?;
        if let Some(of) = to.field.refers {
            self.expect_ids(&parameter, of);
        }
        Some(How::Parameter(parameter))
    }

    pub(super) fn expect_ids(&mut self, parameter: &str, of: Kind) {
        let ids = ExpectedIds { parameter: parameter.to_owned(), of };
        if !self.about.expects.ids.contains(&ids) {
            self.about.expects.ids.push(ids);
        }
    }

    fn join(&mut self, node: &Node, list: &Node, scope: &Scope, to: For<'_>) -> Option<How> {
        self.takes_text(list, to)?;
        let with = node.get("with").and_then(|node| self.text(node)).unwrap_or("\n").to_owned();
        Some(How::Join { rules: self.rules(list, scope, to), with })
    }

    fn first_of(&mut self, list: &Node, scope: &Scope, to: For<'_>) -> Option<How> {
        let rules = self.rules(list, scope, to);
        let items = self.items(list, "first_of").to_vec();
        for (before, item) in rules.iter().zip(items.iter().skip(1)) {
            if self.gives_for_all(scope, before) {
                self.problem(item, "is never reached: the rule before it has a value for every event");
                break;
            }
        }
        Some(How::FirstOf(rules))
    }

    fn rules(&mut self, list: &Node, scope: &Scope, to: For<'_>) -> Vec<Rule> {
        let items = self.items(list, "a list of rules").to_vec();
        if items.is_empty() {
            self.problem(list, "needs at least one rule");
        }
        let rules = items.iter().enumerate().filter_map(|(index, item)| {
            let path = format!("{}[{index}]", to.path);
            self.rule(item, scope, For { path: &path, depth: to.depth + 1, ..to }, RULE)
        });
        rules.collect()
    }

    /// True if no event of the section can be without a value by the rule.
    fn gives_for_all(&self, scope: &Scope, rule: &Rule) -> bool {
        let certain =
            |pointer| self.merged(scope, pointer).is_some_and(|shape| shape.declared && shape.certain);
        rule.when.is_none()
            && match &rule.how {
                How::Constant(_) => true,
                How::Convert { from, convert: Convert::Text, .. } => from.iter().any(certain),
                _ => false,
            }
    }

    pub(super) fn takes_text(&mut self, node: &Node, to: For<'_>) -> Option<()> {
        if to.field.kind == TargetType::Text {
            return Some(());
        }
        self.problem(node, takes(to));
        None
    }

    fn from(
        &mut self,
        node: &Node,
        from: &Node,
        conversion: Option<&str>,
        scope: &Scope,
        to: For<'_>,
    ) -> Option<How> {
        let from = self.pointers(from);
        let shapes: Vec<(Pointer, Shape, At)> =
            from.into_iter().map(|(p, at)| (p.clone(), self.shape(scope, &p, at), at)).collect();
        if let Some(certain) = shapes.iter().position(|(_, shape, _)| shape.certain)
            && let Some((_, _, at)) = shapes.get(certain + 1)
        {
            let before = shapes[certain].0.as_str();
            self.problem(*at, format!("is never reached: every event has {before}"));
        }
        match conversion {
            Some("table") => {
                if to.field.kind != TargetType::Code {
                    self.problem(node, takes(to));
                    return None;
                }
                let table = self.table_for(node.get("table")?, to.field, to.name)?;
                self.values_have_arms(node, &table, &shapes);
                Some(How::Table { from: pointers(shapes), table })
            }
            Some("lookup") => {
                if to.field.kind != TargetType::Id {
                    self.problem(node, takes(to));
                    return None;
                }
                let default = self.default_of(node, to);
                let lookup = self.lookup(node.get("lookup")?, scope, to.field.refers, default.as_ref())?;
                Some(How::Lookup { from: pointers(shapes), lookup })
            }
            convert => {
                let convert = match convert {
                    Some(_) => self.convert(node.get("convert")?)?,
                    None => Convert::Text,
                };
                let fits = match to.field.kind {
                    TargetType::Text => true,
                    TargetType::Date => matches!(convert, Convert::Date { .. }),
                    TargetType::Code | TargetType::Id => false,
                };
                if !fits {
                    self.problem(node, takes(to));
                    return None;
                }
                let unreadable = self.policy(node.get("unreadable"));
                self.can_read(node, to.name, &convert, unreadable, &shapes);
                Some(How::Convert { from: pointers(shapes), convert, unreadable })
            }
        }
    }

    /// Every value that the schema lets through has an arm, or the table says what happens to the others.
    fn values_have_arms(
        &mut self,
        node: &Node,
        table: &crate::mapping::rule::Table,
        shapes: &[(Pointer, Shape, At)],
    ) {
        if table.unknown.is_some() {
            return;
        }
        for (pointer, shape, _) in shapes {
            let known = |value: &Value| match value {
                Value::Null => true,
                Value::String(text) => text.is_empty() || table.spellings.contains_key(text.trim()),
                other => convert::text(other).is_some_and(|t| table.spellings.contains_key(t.as_ref())),
            };
            if !shape.values().is_some_and(|values| values.iter().all(known)) {
                let message = format!(
                    "the schema lets {} have values that {} has no arm for: say unknown: park or report in the table",
                    pointer.as_str(),
                    table.path
                );
                self.problem(node, message);
            }
        }
    }

    /// A field that is too short for what a rule can give says what happens to the rest.
    pub(super) fn fits_length(&mut self, node: &Node, scope: &Scope, to: For<'_>, rule: &Rule) {
        let Some(most) = to.field.max_length.filter(|_| to.field.kind == TargetType::Text) else { return };
        if node.get("max_length").is_none() && self.longest(scope, rule).is_none_or(|longest| longest > most)
        {
            let message = format!(
                "{} takes {most} characters, and the event can have more: say max_length: {{ chars: {most}, over: truncate }}, or over: refuse",
                to.name
            );
            self.problem(node, message);
        }
    }

    /// What a field's `default` gives.
    pub(super) fn default_of(&mut self, node: &Node, to: For<'_>) -> Option<Given> {
        let default = node.get("default")?;
        if let Content::Map(_) = default.content {
            self.map(default, "a default", &["parameter"]);
            let name = self.member(default, "parameter", "a default")?;
            return match self.tenant_value(name, to)? {
                How::Parameter(name) => Some(Given::Parameter(name)),
                _ => None,
            };
        }
        self.literal_for(default, to).map(Given::Literal)
    }
}

fn pointers(shapes: Vec<(Pointer, Shape, At)>) -> Vec<Pointer> {
    shapes.into_iter().map(|(pointer, ..)| pointer).collect()
}

/// In characters, as vendors count.
pub(super) fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

fn codes(field: &TargetField) -> String {
    let codes: Vec<String> = field.codes.iter().map(|(code, label)| format!("{code} {label}")).collect();
    codes.join(", ")
}

fn takes(to: For<'_>) -> String {
    let takes = match to.field.kind {
        TargetType::Text => "takes text: give it from, value, parameter, template or join",
        TargetType::Date => "takes a date: give it from and convert: date",
        TargetType::Code => "takes one of a closed set: give it a table or a value",
        TargetType::Id => "takes an id: give it a lookup, a parameter or a value",
    };
    format!("{} {takes}", to.name)
}
