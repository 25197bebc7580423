//! JSON values looked at without the connector's own reading: every number as it is written, every name as often as it
//! stands.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The members of an object in their order.
struct Pairs(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = members.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The value is what the text says: every name once, every text and number as it is written.
pub(super) fn is_same(value: &Value, text: &str) -> bool {
    match value {
        Value::Null => text == "null",
        Value::Bool(value) => text == if *value { "true" } else { "false" },
        Value::Number(number) => number.to_string() == as_shown(text),
        Value::String(value) => {
            text.starts_with('"') && serde_json::from_str(text).is_ok_and(|text: String| text == *value)
        }
        Value::Array(items) => {
            let raw: Result<Vec<Box<RawValue>>, _> = serde_json::from_str(text);
            raw.is_ok_and(|raw| {
                raw.len() == items.len() && items.iter().zip(&raw).all(|(item, raw)| is_same(item, raw.get()))
            })
        }
        Value::Object(object) => serde_json::from_str(text).is_ok_and(|Pairs(pairs)| {
            pairs.len() == object.len()
                && pairs
                    .iter()
                    .all(|(name, raw)| object.get(name).is_some_and(|value| is_same(value, raw.get())))
        }),
    }
}

/// A name stands twice in an object, at whatever depth.
pub(super) fn has_a_name_twice(text: &str) -> bool {
    if let Ok(Pairs(pairs)) = serde_json::from_str(text) {
        let mut names: Vec<&String> = pairs.iter().map(|(name, _)| name).collect();
        names.sort();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        return twice || pairs.iter().any(|(_, raw)| has_a_name_twice(raw.get()));
    }
    let items: Result<Vec<Box<RawValue>>, _> = serde_json::from_str(text);
    items.is_ok_and(|items| items.iter().any(|item| has_a_name_twice(item.get())))
}

/// A number with its exponent as JSON writers show it: `1E5` is `1e+5`.
fn as_shown(number: &str) -> String {
    match number.split_once(['e', 'E']) {
        Some((digits, exponent)) if exponent.starts_with(['+', '-']) => format!("{digits}e{exponent}"),
        Some((digits, exponent)) => format!("{digits}e+{exponent}"),
        None => number.to_owned(),
    }
}
