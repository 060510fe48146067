//! Text that PHP serialised, as the values of some fields are (§4.5).
//!
//! Only data is read: null, booleans, numbers, text and arrays of them. Objects, references and everything else
//! that makes PHP run code or share memory is refused, and so is whatever PHP would not have written itself: a text
//! is either understood as a whole or not at all.

use serde_json::{Map, Number, Value};

/// Longest text that is read. The values of one field are shorter by far, and what is made of a text needs some
/// twenty times its size in memory at worst.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Arrays within arrays at most; deeper than any form, and far from the end of the stack.
pub const MAX_DEPTH: usize = 32;

/// What the text says, as JSON; nothing unless all of it is PHP-serialised data within both limits.
///
/// An array whose keys count from 0 is an array, any other an object whose keys are text. A number that JSON has
/// not (`NAN`, `INF`) and text whose length is not that of its bytes are refused.
pub fn decode(text: &str) -> Option<Value> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.value()?;
    reader.rest.is_empty().then_some(value)
}

/// What is left to read. Each method takes what it reads, or returns nothing and the whole is refused.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Value> {
        match self.take(2)? {
            "N;" => Some(Value::Null),
            "b:" => self.boolean(),
            "i:" => Some(self.integer()?.into()),
            "d:" => self.decimal(),
            "s:" => self.text().map(|text| Value::String(text.to_owned())),
            "a:" => self.array(),
            _ => None,
        }
    }

    fn boolean(&mut self) -> Option<Value> {
        match self.until(';')? {
            "0" => Some(Value::Bool(false)),
            "1" => Some(Value::Bool(true)),
            _ => None,
        }
    }

    fn integer(&mut self) -> Option<i64> {
        let digits = self.until(';')?;
        let number: i64 = digits.parse().ok()?;
        (number.to_string() == digits).then_some(number)
    }

    fn decimal(&mut self) -> Option<Value> {
        let digits = self.until(';')?;
        // Rust also reads words, such as `nan` and `infinity`.
        if !digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
            return None;
        }
        Number::from_f64(digits.parse().ok()?).map(Value::Number)
    }

    /// The length counts bytes, of which a Chinese character has three.
    fn text(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        self.expect("\"")?;
        let text = self.take(length)?;
        self.expect("\";")?;
        Some(text)
    }

    fn array(&mut self) -> Option<Value> {
        let count = self.count()?;
        self.expect("{")?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        // A count is a stranger's word: room is made as elements come.
        let mut elements = Elements::default();
        for _ in 0..count {
            let key = self.key()?;
            elements.push(key, self.value()?)?;
        }
        self.depth -= 1;
        self.expect("}")?;
        Some(elements.into_value())
    }

    fn key(&mut self) -> Option<Key> {
        match self.take(2)? {
            "i:" => self.integer().map(Key::Number),
            "s:" => self.text().map(|text| Key::Text(text.to_owned())),
            _ => None,
        }
    }

    /// A length or count in front of its colon.
    fn count(&mut self) -> Option<usize> {
        let digits = self.until(':')?;
        let count: usize = digits.parse().ok()?;
        (count.to_string() == digits).then_some(count)
    }

    fn until(&mut self, end: char) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(taken)
    }

    /// Nothing if that many bytes are not there, or end within a character.
    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }
}

enum Key {
    Number(i64),
    Text(String),
}

/// The elements of an array: a list for as long as its keys count from 0, and then an object for good.
#[derive(Default)]
struct Elements {
    list: Vec<Value>,
    object: Map<String, Value>,
}

impl Elements {
    /// Nothing for a key that is there already: one of the two values would be lost.
    fn push(&mut self, key: Key, value: Value) -> Option<()> {
        let key = match key {
            Key::Number(number) if self.is_next(number) => {
                self.list.push(value);
                return Some(());
            }
            Key::Number(number) => number.to_string(),
            Key::Text(text) => text,
        };
        let named = self.list.drain(..).enumerate();
        self.object.extend(named.map(|(index, value)| (index.to_string(), value)));
        self.object.insert(key, value).is_none().then_some(())
    }

    fn is_next(&self, number: i64) -> bool {
        self.object.is_empty() && usize::try_from(number) == Ok(self.list.len())
    }

    fn into_value(self) -> Value {
        if self.object.is_empty() { Value::Array(self.list) } else { Value::Object(self.object) }
    }
}

#[cfg(test)]
mod tests;
