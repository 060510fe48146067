//! Rules of fields.

use serde_json::Value;

use super::{At, Compiler, Scope};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        TenantValue,
        convert::{self, Convert},
        pointer::Pointer,
        question::{By, Kind},
        rule::{Condition, Given, How, Lookup, OnMissing, Piece, Policy, Rule},
        shape::{Shape, Types},
        vocabulary::{TargetField, TargetType},
        yaml::{Content, Node},
    },
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
pub(super) const FIELD: &[&str] = &[
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
    "default",
    "required",
    "max_length",
];
/// Where a value can come from: a rule has one of these.
const ORIGINS: [&str; 6] = ["from", "value", "parameter", "template", "join", "first_of"];
const CONVERSIONS: [&str; 3] = ["table", "lookup", "convert"];
const CONVERTS: [&str; 10] = [
    "html_to_text",
    "text_to_html",
    "comma_list",
    "date",
    "date_time",
    "number",
    "phone",
    "link",
    "yes_no",
    "attachments",
];
const LOOKUP: &[&str] = &["of", "table", "link", "vendor", "on_missing"];
const CONDITION: &[&str] = &["at", "is", "in", "not", "exists", "all", "any"];
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
        self.parameter(node, kind).map(How::Parameter)
    }

    fn template(&mut self, node: &Node, scope: &Scope, to: For<'_>) -> Option<How> {
        self.takes_text(node, to)?;
        let text = self.text(node)?;
        let pieces = match pieces(text) {
            Ok(pieces) => pieces,
            Err(message) => {
                self.problem(node, message);
                return None;
            }
        };
        for piece in &pieces {
            if let Piece::Value(pointer) = piece {
                let shape = self.shape(scope, pointer, At::from(node));
                if shape.types().within(Types::OBJECT.and(Types::NULL)) {
                    self.problem(
                        node,
                        format!("{} is an object, and a template takes text", pointer.as_str()),
                    );
                }
            }
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Value(_))) {
            self.problem(node, "a template has a value in it, e.g. {/subject}; text alone is a value");
        }
        Some(How::Template(pieces))
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
        let certain = |pointer: &Pointer| {
            let shapes =
                scope.events.iter().filter_map(|t| self.schemas.get(t)).map(|s| Shape::at(s, pointer));
            shapes.reduce(Shape::or).is_some_and(|shape| shape.declared && shape.certain)
        };
        rule.when.is_none()
            && match &rule.how {
                How::Constant(_) => true,
                How::Convert { from, convert: Convert::Text, .. } => from.iter().any(certain),
                _ => false,
            }
    }

    fn takes_text(&mut self, node: &Node, to: For<'_>) -> Option<()> {
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

    /// The conversion reads every value that the schema lets through, or the file says what happens to the others.
    pub(super) fn can_read(
        &mut self,
        node: &Node,
        name: &str,
        convert: &Convert,
        unreadable: Option<Policy>,
        shapes: &[(Pointer, Shape, At)],
    ) {
        for (pointer, shape, at) in shapes {
            let types = shape.types().without(Types::NULL);
            let pointer = pointer.as_str();
            if types.both(accepted(convert)).within(Types::NULL) {
                let message = format!("{name} takes {}, and {pointer} is {}", convert.reads(), types.words());
                self.problem(*at, message);
            } else if unreadable.is_none() && !convert.is_total(shape) {
                let message = format!(
                    "the schema lets {pointer} have values that can't be read as {}: say unreadable: park or report",
                    convert.reads()
                );
                self.problem(node, message);
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

    pub(super) fn convert(&mut self, node: &Node) -> Option<Convert> {
        let (name, options) = match &node.content {
            Content::Map(members) if members.len() == 1 => (members[0].0.name.as_str(), Some(&members[0].1)),
            Content::Map(_) => {
                self.problem(
                    node,
                    "convert is a name, or a map of one name and its options: { number: { decimals: 2 } }",
                );
                return None;
            }
            _ => (node.text().unwrap_or_default(), None),
        };
        let known: &[&str] = match name {
            "date" => &["zone"],
            "date_time" => &["zone", "from_zone"],
            "number" => &["decimals"],
            "phone" => &["country"],
            "attachments" => &["name", "url"],
            name if CONVERTS.contains(&name) => &[],
            _ => {
                let hint = did_you_mean(name, CONVERTS);
                self.problem(
                    node,
                    format!("there is no conversion {name}: there are {}{hint}", CONVERTS.join(", ")),
                );
                return None;
            }
        };
        if let Some(options) = options
            && !self.map(options, name, known)
        {
            return None;
        }
        let option = |name: &str| options.and_then(|options| options.get(name));
        Some(match name {
            "html_to_text" => Convert::HtmlToText,
            "text_to_html" => Convert::TextToHtml,
            "comma_list" => Convert::CommaList,
            "link" => Convert::Link,
            "yes_no" => Convert::YesNo,
            "date" => Convert::Date { zone: self.zone(option("zone"))? },
            "date_time" => {
                let Some(zone) = self.zone(option("zone"))? else {
                    self.problem(
                        node,
                        "date_time needs the zone of the target: { date_time: { zone: Asia/Shanghai } }",
                    );
                    return None;
                };
                Convert::DateTime {
                    from_zone: self.zone(option("from_zone"))?.unwrap_or_else(|| zone.clone()),
                    zone,
                }
            }
            "number" => {
                const MOST: u64 = 12;
                let decimals = option("decimals").map(|node| (node, self.whole_number(node)));
                if let Some((node, Some(_))) = decimals.filter(|(_, n)| n.is_some_and(|n| n > MOST)) {
                    self.problem(node, format!("decimals are 0 to {MOST}"));
                }
                Convert::Number { decimals: decimals.and_then(|(_, n)| u32::try_from(n?).ok()) }
            }
            "phone" => {
                let country =
                    option("country").and_then(|node| self.scalar(node)).map(|text| text.into_owned());
                let country = country.unwrap_or_else(|| "86".to_owned());
                if country.is_empty() || !country.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.problem(option("country").unwrap_or(node), "country is a calling code, e.g. 86");
                }
                Convert::Phone { country }
            }
            _ => {
                let mut member = |member: &str| {
                    let given = option(member).and_then(|node| self.text(node)).map(str::to_owned);
                    given.unwrap_or_else(|| member.to_owned())
                };
                Convert::Attachments { name: member("name"), url: member("url") }
            }
        })
    }

    /// `Some(None)` if none is given; `None` if it isn't known.
    #[allow(clippy::option_option)]
    fn zone(&mut self, node: Option<&Node>) -> Option<Option<jiff::tz::TimeZone>> {
        let Some(node) = node else { return Some(None) };
        let name = self.text(node)?;
        match jiff::tz::TimeZone::get(name) {
            Ok(zone) => Some(Some(zone)),
            Err(_) => {
                self.problem(node, format!("there is no time zone {name}: write e.g. Asia/Shanghai"));
                None
            }
        }
    }

    fn condition(&mut self, node: &Node, scope: &Scope) -> Option<Condition> {
        if !self.map(node, "a condition", CONDITION) {
            return None;
        }
        let words = ["is", "in", "not", "exists", "all", "any"];
        let given: Vec<&str> = words.into_iter().filter(|word| node.get(word).is_some()).collect();
        let groups = matches!(given[..], ["all" | "any"]);
        if given.len() != 1 || groups == node.get("at").is_some() {
            self.problem(node, "a condition has one of is, in, not, exists beside at, or is all or any");
            return None;
        }
        for (word, make) in [("all", Condition::All as fn(_) -> _), ("any", Condition::Any as fn(_) -> _)] {
            if let Some(list) = node.get(word) {
                let items = self.items(list, word).to_vec();
                if items.is_empty() {
                    self.problem(list, format!("{word} is a list of at least one condition"));
                }
                let all: Vec<Condition> =
                    items.iter().filter_map(|item| self.condition(item, scope)).collect();
                return Some(make(all));
            }
        }
        let at_node = node.get("at")?;
        let at = self.pointer(at_node)?;
        let shape = self.shape(scope, &at, At::from(at_node));
        if let Some(exists) = node.get("exists") {
            return Some(Condition::Exists { at, exists: self.flag(exists)? });
        }
        let (wanted, not) = match (node.get("is"), node.get("in"), node.get("not")) {
            (Some(one), None, None) => (std::slice::from_ref(one), false),
            (None, Some(list), None) => (self.items(list, "in"), false),
            (None, None, Some(one)) => (std::slice::from_ref(one), true),
            _ => return None,
        };
        if let Some(list) = node.get("in").filter(|_| wanted.is_empty()) {
            self.problem(list, "in is a list of at least one value");
        }
        let any_of = wanted.iter().filter_map(|node| self.compared(node, &shape, &at)).collect();
        Some(Condition::Is { at, any_of, not })
    }

    /// A value that the value at a pointer is compared with, and can be.
    pub(super) fn compared(&mut self, node: &Node, shape: &Shape, at: &Pointer) -> Option<Value> {
        let Some(value) = self.literal(node).cloned() else {
            self.problem(node, format!("is compared with text, a number or true, not with {}", node.what()));
            return None;
        };
        let is_possible =
            shape.values().is_none_or(|v| v.iter().any(|v| crate::mapping::rule::is_same(v, &value)));
        // What is absent counts as null.
        if !is_possible && !value.is_null() {
            self.problem(node, format!("the schema never lets {} be {value}", at.as_str()));
        }
        Some(value)
    }

    /// `refers` is what the target's field says; a row says it itself.
    pub(super) fn lookup(
        &mut self,
        node: &Node,
        scope: &Scope,
        refers: Option<Kind>,
        default: Option<&Given>,
    ) -> Option<Lookup> {
        if !self.map(node, "a lookup", LOOKUP) {
            return None;
        }
        const KINDS: [(&str, Kind); 5] = [
            ("contact", Kind::Contact),
            ("company", Kind::Company),
            ("agent", Kind::Agent),
            ("group", Kind::Group),
            ("template", Kind::Template),
        ];
        let said = node.get("of").map(|node| (node, self.one_of(node, &KINDS)));
        let kind = match (said, refers) {
            (Some((node, Some(said))), Some(refers)) if said != refers => {
                self.problem(node, format!("the field takes the id of {}", refers.with_article()));
                return None;
            }
            (Some((_, said)), _) => said?,
            (None, Some(refers)) => refers,
            (None, None) => {
                let words = KINDS.map(|(word, _)| word).join(", ");
                self.problem(node, format!("says of what it is: of: one of {words}"));
                return None;
            }
        };
        let table = node.get("table").and_then(|node| self.parameter(node, TenantValue::Table));
        let link = match node.get("link") {
            Some(link) => {
                let pointer = self.pointer(link)?;
                self.shape(scope, &pointer, At::from(link));
                Some(pointer)
            }
            None => None,
        };
        let vendor = node.get("vendor").map(|vendor| self.by_vendor(vendor, scope, kind)).unwrap_or_default();
        if node.get("table").is_none() && link.is_none() && vendor.is_empty() {
            self.problem(node, "a lookup needs table, link or vendor");
        }
        let on_missing = self.on_missing(node, kind, default)?;
        Some(Lookup { kind, table, link, vendor, on_missing })
    }

    fn by_vendor(&mut self, node: &Node, scope: &Scope, kind: Kind) -> Vec<(By, Vec<Pointer>)> {
        let known: &[(&str, By)] = match kind {
            Kind::Agent => &[
                ("email", By::Email),
                ("name", By::Name),
                ("number", By::Number),
                ("mobile", By::Mobile),
                ("login", By::Login),
            ],
            Kind::Contact => &[("binding", By::Binding)],
            Kind::Company | Kind::Template => &[("name", By::Name)],
            Kind::Group => {
                let message = format!("{} documents no way to find a group: use a table", self.target);
                self.problem(node, message);
                return Vec::new();
            }
        };
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        self.map(node, &format!("what {} finds {} by", self.target, kind.with_article()), &names);
        let mut found = Vec::new();
        for (key, pointers) in node.members() {
            let Some((_, by)) = known.iter().find(|(name, _)| *name == key.name) else { continue };
            let pointers = self.pointers(pointers);
            pointers.iter().for_each(|(pointer, at)| drop(self.shape(scope, pointer, *at)));
            found.push((*by, pointers.into_iter().map(|(pointer, _)| pointer).collect()));
        }
        found
    }

    fn on_missing(&mut self, node: &Node, kind: Kind, default: Option<&Given>) -> Option<OnMissing> {
        let said = self.member(node, "on_missing", "a lookup")?;
        let words = [("park", 0), ("omit", 1), ("create", 2), ("default", 3)];
        match self.one_of(said, &words)? {
            0 => Some(OnMissing::Park),
            1 => Some(OnMissing::Omit),
            2 if kind == Kind::Company => Some(OnMissing::Create),
            2 => {
                let message = format!(
                    "{} documents no way to make {}: only companies can be",
                    self.target,
                    kind.with_article()
                );
                self.problem(said, message);
                None
            }
            _ => match default {
                Some(given) => Some(OnMissing::Default(given.clone())),
                None => {
                    self.problem(said, "on_missing: default needs a default beside the lookup");
                    None
                }
            },
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

/// Types that a conversion can read anything of.
fn accepted(convert: &Convert) -> Types {
    match convert {
        Convert::CommaList => Types::SCALAR.and(Types::ARRAY).and(Types::OBJECT),
        Convert::Attachments { .. } => Types::ARRAY,
        Convert::Date { .. } | Convert::DateTime { .. } | Convert::Number { .. } => {
            Types::STRING.and(Types::NUMBER)
        }
        Convert::Link => Types::STRING,
        _ => Types::SCALAR,
    }
    .without(Types::NULL)
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

/// `Re: {/subject}` as text and pointers.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let (brace, after) = rest[at..].split_at(1);
        if let Some(after) = after.strip_prefix(brace) {
            plain.push_str(brace);
            rest = after;
            continue;
        }
        let (inside, after) = match (brace, after.split_once('}')) {
            ("{", Some(split)) => split,
            ("{", None) => {
                return Err("a { has no } after it; a brace of the text itself is written {{".to_owned());
            }
            _ => return Err("a } has no { before it; a brace of the text itself is written }}".to_owned()),
        };
        let pointer = Pointer::parse(inside)
            .ok_or_else(|| format!("{inside:?} is not a JSON Pointer: write e.g. {{/subject}}"))?;
        pieces.extend((!plain.is_empty()).then(|| Piece::Text(std::mem::take(&mut plain))));
        pieces.push(Piece::Value(pointer));
        rest = after;
    }
    plain.push_str(rest);
    pieces.extend((!plain.is_empty()).then_some(Piece::Text(plain)));
    Ok(pieces)
}
