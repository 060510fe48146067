//! Where in a text two readers could differ, token by token: what a reader no longer sees, of names that stand twice and
//! of numbers' digits, stands there.

use std::{borrow::Cow, collections::HashSet};

use super::{MAX_NAME_BYTES, RESERVED};
use crate::{intake::Refusal, json};

/// Digits that tell each 64-bit float from every other. What is read of a longer number is written with these at most.
const MAX_DIGITS: usize = 17;

/// Error: `SchemaViolation` of the first such place. The text has to be JSON.
pub(super) fn check(text: &str) -> Result<(), Refusal> {
    Walk { rest: text, open: Vec::new() }.check()
}

/// A walk over the tokens of a text that is known to be JSON.
struct Walk<'a> {
    rest: &'a str,
    open: Vec<Level<'a>>,
}

/// What the walk is in, and where in it.
enum Level<'a> {
    Array { index: usize },
    Object { names: HashSet<Cow<'a, str>>, name: Cow<'a, str>, name_is_next: bool },
}

impl<'a> Walk<'a> {
    fn check(mut self) -> Result<(), Refusal> {
        while let Some(token) = self.rest.bytes().next() {
            match token {
                b'{' => self.open.push(Level::object()),
                b'[' => self.open.push(Level::Array { index: 0 }),
                b'}' | b']' => drop(self.open.pop()),
                b',' => self.next(),
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'-' | b'0'..=b'9' => {
                    self.number()?;
                    continue;
                }
                _ => {}
            }
            // All of these are one byte, as are the letters of true, false and null.
            self.take(1);
        }
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn next(&mut self) {
        match self.open.last_mut() {
            Some(Level::Array { index }) => *index += 1,
            Some(Level::Object { name_is_next, .. }) => *name_is_next = true,
            None => {}
        }
    }

    fn string(&mut self) -> Result<(), Refusal> {
        let literal = self.take(string_end(self.rest));
        let Some(Level::Object { names, name, name_is_next }) = self.open.last_mut() else { return Ok(()) };
        if !std::mem::take(name_is_next) {
            return Ok(());
        }
        *name = unescaped(literal);
        if name.len() > MAX_NAME_BYTES {
            self.open.pop();
            return Err(self.violation(
                "maxLength",
                format!("has a member whose name is longer than {MAX_NAME_BYTES} bytes"),
            ));
        }
        if name.starts_with(RESERVED) {
            return Err(self.violation(
                "propertyNames",
                format!("begins with `{RESERVED}`, which is kept for something else"),
            ));
        }
        if !names.insert(name.clone()) {
            return Err(self.violation("uniqueItems", "stands twice in its object: send it once".to_owned()));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Refusal> {
        let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        let end = self.rest.bytes().position(|byte| !is_part(byte)).unwrap_or(self.rest.len());
        if is_kept(self.take(end)) {
            return Ok(());
        }
        let rule = "is a number that 64 bits can't hold without losing digits: send it as a text";
        Err(self.violation("format", rule.to_owned()))
    }

    fn violation(&self, keyword: &str, message: String) -> Refusal {
        let step = |level: &Level<'_>| match level {
            Level::Array { index } => format!("/{index}"),
            Level::Object { name, .. } => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        };
        Refusal::violation(&self.open.iter().map(step).collect::<String>(), keyword, message)
    }
}

impl Level<'_> {
    fn object() -> Self {
        Self::Object { names: HashSet::new(), name: Cow::default(), name_is_next: true }
    }
}

/// Bytes of the string at the start of `text`, with its quotes.
fn string_end(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

fn unescaped(literal: &str) -> Cow<'_, str> {
    let inner = literal.trim_matches('"');
    if !inner.contains('\\') {
        return inner.into();
    }
    json::from_str::<String>(literal).unwrap_or_else(|_| inner.to_owned()).into()
}

/// Whether what is read of the literal has its digits: it is a whole number of 64 bits, or the float that is nearest to
/// it, written with as many digits or with the fewest that tell it apart, is the same again. So 0.1 is kept, and whatever
/// a program printed of a float. (The two differ at some powers of two: the floats below one lie closer than those above,
/// and so the nearest short decimal may belong to a neighbour.)
fn is_kept(literal: &str) -> bool {
    if literal.parse::<i64>().is_ok() || literal.parse::<u64>().is_ok() {
        return true;
    }
    let Some((digits, exponent)) = significant(literal) else { return true };
    let (Some(exponent), Ok(float)) = (exponent, json::from_str::<f64>(literal)) else { return false };
    if digits.len() > MAX_DIGITS {
        return false;
    }
    let shortest = format!("{:e}", float.abs());
    let as_long = format!("{:.*e}", digits.len() - 1, float.abs());
    [shortest, as_long].iter().any(|written| significant(written) == Some((digits.clone(), Some(exponent))))
}

/// The digits from the first that isn't 0 to the last, and the power of ten of the first one, unless that is beyond all
/// measure. Nothing of zero.
fn significant(literal: &str) -> Option<(String, Option<i64>)> {
    let unsigned = literal.trim_start_matches('-');
    let (mantissa, power) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let zeros = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0').to_owned();
    let first = i64::try_from(whole.len()).ok()? - 1 - i64::try_from(zeros).ok()?;
    let exponent = power.parse().ok().and_then(|power: i64| power.checked_add(first));
    (!digits.is_empty()).then_some((digits, exponent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_float_that_a_program_prints_is_kept(float in any::<f64>().prop_filter("JSON has no others", |f| f.is_finite())) {
            for printed in [float.to_string(), format!("{:e}", float), format!("{:.16e}", float)] {
                prop_assert!(is_kept(&printed), "{}", printed);
            }
        }

        #[test]
        fn fifteen_digits_are_always_kept(digits in 0_u64..1_000_000_000_000_000, power in -30_i32..30) {
            let printed = format!("{}e{}", digits, power);
            prop_assert!(is_kept(&printed), "{}", printed);
        }
    }
}
