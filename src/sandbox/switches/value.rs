//! The two kinds of values a switch may have: one of a few names, or a whole number.

use serde_json::Value;

/// A value with a form on the wire. A name is sent as a JSON string, a number as a JSON number.
pub(crate) trait SwitchValue: Copy {
    /// Reads the text of a value; numbers in decimal.
    fn from_text(text: &str) -> Option<Self>;
    /// The value as it is sent.
    fn wire(self) -> Value;
    /// All names, the default first; of numbers, some that make a difference.
    fn samples() -> Vec<Value>;
    /// What may be sent, to complete "must be …".
    fn rule() -> String;
}

/// The text of a value as it was sent: a name may look like a number and the reverse.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Declares an enum whose variants each have a wire form; the first is the default.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident = $first_wire:literal $(, $(#[$other_doc:meta])* $other:ident = $other_wire:literal)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum $name {
            $(#[$first_doc])*
            #[default]
            $first,
            $($(#[$other_doc])* $other),*
        }

        impl $crate::sandbox::switches::value::SwitchValue for $name {
            fn from_text(text: &str) -> Option<Self> {
                [Self::$first $(, Self::$other)*].into_iter().find(|known| {
                    $crate::sandbox::switches::value::text_of(&known.wire()).as_deref() == Some(text)
                })
            }

            fn wire(self) -> serde_json::Value {
                match self {
                    Self::$first => serde_json::json!($first_wire),
                    $(Self::$other => serde_json::json!($other_wire)),*
                }
            }

            fn samples() -> Vec<serde_json::Value> {
                vec![Self::$first.wire() $(, Self::$other.wire())*]
            }

            fn rule() -> String {
                let names: Vec<String> = Self::samples().iter().map(|name| name.to_string()).collect();
                format!("one of {}", names.join(", "))
            }
        }
    };
}

/// Declares a whole number with its smallest and largest value; the first sample is the default.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident: $type:ty, $min:literal..=$max:literal, samples [$first:literal $(, $other:literal)*]) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name($type);

        impl $name {
            /// The number.
            pub fn get(self) -> $type {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($first)
            }
        }

        impl $crate::sandbox::switches::value::SwitchValue for $name {
            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok().filter(|number| ($min..=$max).contains(number)).map(Self)
            }

            fn wire(self) -> serde_json::Value {
                serde_json::json!(self.0)
            }

            fn samples() -> Vec<serde_json::Value> {
                [$first $(, $other)*].map(|number: $type| serde_json::json!(number)).to_vec()
            }

            fn rule() -> String {
                format!("a whole number from {} to {}", $min, $max)
            }
        }
    };
}

pub(super) use {choice, number};
