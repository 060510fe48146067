//! From a choice at the source to the option of the target's field, by what both vendors call it. Pure.

use serde_json::Value;

use super::found::Found;
use crate::{
    bangwo8::{self, Field, field_type},
    mapping,
    udesk::{self, FieldDefinition, FieldKind},
};

/// Where a choice stands: the names from the first level on; one name where there are no levels.
type Path = Vec<String>;

/// The option of `targets` (all fields of one key: the target can have two) that is called as the choice is at the
/// source. Without a definition of the source's field the choice is taken for a name, unless it is a number: an
/// index says nothing without the source's list.
pub(super) fn choice(
    source: Option<&FieldDefinition>,
    targets: &[&Field],
    value: &str,
    send: mapping::Send,
) -> Found {
    let path = match source {
        Some(source) => at_source(source, value),
        None if is_index(value) => None,
        None => Some(vec![value.trim().to_owned()]),
    };
    let Some(path) = path else { return Found::None };
    let options = targets.iter().flat_map(|field| at_target(field, &path));
    Found::of(options.map(|option| match send {
        mapping::Send::Text => Value::from(option.value.trim()),
        mapping::Send::Id => Value::from(option.key.as_str()),
    }))
}

/// What the source calls it. Only the definition tells a path of indexes from a name with a comma in it.
fn at_source(field: &FieldDefinition, value: &str) -> Option<Path> {
    if field.kind != FieldKind::Path {
        return Some(vec![option(&field.options, value)?.name.trim().to_owned()]);
    }
    let (mut level, mut path) = (field.options.as_slice(), Path::new());
    for step in value.split(',') {
        let chosen = option(level, step)?;
        path.push(chosen.name.trim().to_owned());
        level = &chosen.subs;
    }
    Some(path)
}

/// By its index, or else by its name. Options that are no longer offered are looked at too: old tickets hold them.
fn option<'a>(options: &'a [udesk::FieldOption], given: &str) -> Option<&'a udesk::FieldOption> {
    let given = given.trim();
    let by_index = options.iter().find(|option| option.index == given);
    by_index.or_else(|| options.iter().find(|option| option.name.trim() == given))
}

/// The option at the end of a path; only a cascade has more than one level.
fn at_target<'a>(field: &'a Field, path: &[String]) -> Vec<&'a bangwo8::FieldOption> {
    if path.len() > 1 && field.field_type != Some(field_type::CASCADE) {
        return Vec::new();
    }
    let mut level: Vec<&bangwo8::FieldOption> = field.options.iter().collect();
    let Some((last, parents)) = path.split_last() else { return Vec::new() };
    for name in parents {
        level = named(level, name).into_iter().flat_map(|parent| &parent.subset).collect();
    }
    named(level, last)
}

fn named<'a>(options: Vec<&'a bangwo8::FieldOption>, name: &str) -> Vec<&'a bangwo8::FieldOption> {
    options.into_iter().filter(|option| option.value.trim() == name).collect()
}

fn is_index(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_digit() || c == ',' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    fn source(content_type: &str, options: Value) -> FieldDefinition {
        let raw = json!({ "field_name": "SelectField_1", "content_type": content_type, "options": options });
        FieldDefinition::read(&to_raw_value(&raw).unwrap()).unwrap()
    }

    fn target(field_type: u8, options: Vec<bangwo8::FieldOption>) -> Field {
        Field {
            id: "1".into(),
            url: None,
            key: Some("field_9".into()),
            name: None,
            field_type: Some(field_type),
            system: None,
            is_required: None,
            is_readonly: None,
            readonly_range: None,
            readonly_support: None,
            options,
            table: None,
        }
    }

    fn at(key: &str, value: &str, subset: Vec<bangwo8::FieldOption>) -> bangwo8::FieldOption {
        bangwo8::FieldOption { key: key.into(), value: value.into(), subset }
    }

    fn text(source: Option<&FieldDefinition>, target: &Field, value: &str) -> Found {
        choice(source, &[target], value, mapping::Send::Text)
    }

    fn one(text: &str) -> Found {
        Found::One(Value::from(text))
    }

    #[test]
    fn an_option_is_found_by_its_index_or_its_name_hidden_or_not() {
        let options =
            json!([{ "title": "北京 ", "value": 0 }, { "title": "上海", "value": 1, "is_hide": true }]);
        let source = source("droplist", options);
        let target = target(field_type::DROPDOWN, vec![at("71", " 北京", vec![]), at("72", "上海", vec![])]);
        assert_eq!(text(Some(&source), &target, "0"), one("北京"));
        assert_eq!(text(Some(&source), &target, "上海"), one("上海"));
        assert_eq!(choice(Some(&source), &[&target], "1", mapping::Send::Id), one("72"));
        assert_eq!(text(Some(&source), &target, "2"), Found::None);
    }

    #[test]
    fn a_name_with_a_comma_is_one_option_and_a_path_is_several() {
        let comma = source("checkbox", json!([{ "title": "电话,邮件均可", "value": 0 }]));
        let target_of_choices = target(field_type::DROPDOWN, vec![at("71", "电话,邮件均可", vec![])]);
        assert_eq!(text(Some(&comma), &target_of_choices, "电话,邮件均可"), one("电话,邮件均可"));
        let cascade = source(
            "chained_droplist",
            json!([{ "title": "吉林省", "value": 0, "subs": [{ "title": "长春", "value": 0 }] }]),
        );
        let regions = target(field_type::CASCADE, vec![at("6", "吉林省", vec![at("29", "长春", vec![])])]);
        assert_eq!(text(Some(&cascade), &regions, "0"), one("吉林省"));
        assert_eq!(text(Some(&cascade), &regions, "0,0"), one("长春"));
        assert_eq!(text(Some(&cascade), &regions, "0,1"), Found::None);
        assert_eq!(text(Some(&cascade), &target_of_choices, "0,0"), Found::None);
    }

    #[test]
    fn without_a_definition_a_name_is_a_name_and_a_number_is_nothing() {
        let target = target(field_type::DROPDOWN, vec![at("1", "北京", vec![]), at("2", "1", vec![])]);
        assert_eq!(text(None, &target, "北京"), one("北京"));
        assert_eq!(text(None, &target, "1"), Found::None);
    }

    #[test]
    fn two_options_of_one_name_are_told_apart_by_nobody() {
        let source = source("droplist", json!([{ "0": "北京" }]));
        let target = target(field_type::DROPDOWN, vec![at("1", "北京", vec![]), at("2", "北京", vec![])]);
        assert_eq!(choice(Some(&source), &[&target], "0", mapping::Send::Id), Found::Several);
        assert_eq!(text(Some(&source), &target, "0"), one("北京"), "by its text it is one");
    }
}
