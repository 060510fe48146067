//! Conversions, and whether they can read what the schema lets through.

use super::{At, Compiler};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        convert::Convert,
        pointer::Pointer,
        rule::Policy,
        shape::Shape,
        types::Types,
        yaml::{Content, Node},
    },
};

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

/// Decimals of a number at most: no currency has as many.
const MAX_DECIMALS: u64 = 12;
/// The calling code where both vendors are at home.
const HOME: &str = "86";

impl Compiler {
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
            "date_time" => self.date_time(node, option("zone"), option("from_zone"))?,
            "number" => Convert::Number { decimals: self.decimals(option("decimals")) },
            "phone" => Convert::Phone { country: self.calling_code(option("country")) },
            _ => {
                let mut member =
                    |name: &str| option(name).and_then(|node| self.text(node)).unwrap_or(name).to_owned();
                Convert::Attachments { name: member("name"), url: member("url") }
            }
        })
    }

    fn date_time(&mut self, node: &Node, zone: Option<&Node>, from_zone: Option<&Node>) -> Option<Convert> {
        let Some(zone) = self.zone(zone)? else {
            let message = "date_time needs the zone of the target: { date_time: { zone: Asia/Shanghai } }";
            self.problem(node, message);
            return None;
        };
        let from_zone = self.zone(from_zone)?.unwrap_or_else(|| zone.clone());
        Some(Convert::DateTime { zone, from_zone })
    }

    fn decimals(&mut self, node: Option<&Node>) -> Option<u32> {
        let node = node?;
        let decimals = self.whole_number(node)?;
        if decimals > MAX_DECIMALS {
            self.problem(node, format!("decimals are 0 to {MAX_DECIMALS}"));
        }
        u32::try_from(decimals).ok()
    }

    fn calling_code(&mut self, node: Option<&Node>) -> String {
        let Some(node) = node else { return HOME.to_owned() };
        let code = self.scalar(node).map(|text| text.into_owned()).unwrap_or_default();
        if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.problem(node, format!("country is a calling code, e.g. {HOME}"));
        }
        code
    }

    /// `Some(None)` if none is given; `None` if it isn't known.
    #[allow(clippy::option_option)]
    pub(super) fn zone(&mut self, node: Option<&Node>) -> Option<Option<jiff::tz::TimeZone>> {
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
