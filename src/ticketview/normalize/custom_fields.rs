//! Custom fields as an object by key: each with its name and type, as the field list has them, and its value.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    fields::{Definition, FieldBook},
    value,
};

/// A ticket's custom fields, in the vendor's order.
pub(super) struct ByKey<'a> {
    pub(super) fields: &'a [(String, Value)],
    pub(super) book: &'a FieldBook,
    pub(super) zone: &'a TimeZone,
}

/// One custom field. Both `name` and `type` are `null` where the list doesn't know the key.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    field: One<'a>,
    /// Further values under the same key: the vendor's list has fields that share one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    name: Option<&'a str>,
    r#type: Option<Cow<'static, str>>,
    value: Value,
    /// The value is as it was sent: it could not be read as its type has it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undecoded: bool,
}

impl Serialize for ByKey<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys: Vec<(&str, Vec<&Value>)> = Vec::with_capacity(self.fields.len());
        for (key, value) in self.fields {
            match keys.iter_mut().find(|(known, _)| known == key) {
                Some((_, values)) => values.push(value),
                None => keys.push((key, vec![value])),
            }
        }
        serializer.collect_map(keys.into_iter().map(|(key, values)| (key, self.json(key, &values))))
    }
}

impl<'a> ByKey<'a> {
    fn json(&self, key: &str, values: &[&Value]) -> Json<'a> {
        let mut left: Vec<&Definition> = self.book.definitions(key).iter().collect();
        let mut read: Vec<One<'a>> = values.iter().map(|value| self.one(&mut left, value)).collect();
        // One that isn't set says nothing beside one that is.
        if read.iter().any(|one| !one.value.is_null()) {
            read.retain(|one| !one.value.is_null());
        } else {
            read.truncate(1);
        }
        let mut read = read.into_iter();
        let field = read.next().unwrap_or_else(|| One::new(None, Some(Value::Null), &Value::Null));
        Json { field, also: read.collect() }
    }

    /// A value with the first field of `left` that it can be one of, which is then taken out.
    fn one(&self, left: &mut Vec<&'a Definition>, sent: &Value) -> One<'a> {
        let fitting = left
            .iter()
            .enumerate()
            .find_map(|(place, field)| Some((place, value::clean(Some(field), sent, self.zone)?)));
        if let Some((place, value)) = fitting {
            return One::new(Some(left.remove(place)), Some(value), sent);
        }
        match left.first() {
            Some(field) => One::new(Some(field), None, sent),
            None => One::new(None, value::clean(None, sent, self.zone), sent),
        }
    }
}

impl<'a> One<'a> {
    fn new(field: Option<&'a Definition>, value: Option<Value>, sent: &Value) -> Self {
        Self {
            name: field.and_then(|field| field.name.as_deref()),
            r#type: field.and_then(Definition::type_name),
            undecoded: value.is_none(),
            value: value.unwrap_or_else(|| sent.clone()),
        }
    }
}
