//! JSON texts of others: digit for digit, and without a name that stands twice.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::{Entry, Map};
use serde_json::{Error, Number, Value};

/// The value that a text is. A name that stands twice in an object, at any depth, is an error: which of the two values is
/// meant cannot be known.
pub(crate) fn value(text: &str) -> Result<Value, Error> {
    serde_json::from_str::<Unique>(text).map(|unique| unique.0)
}

/// The object that a text is.
pub(crate) fn object(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str::<UniqueObject>(text).map(|unique| unique.0)
}

/// The most characters of a name that are shown.
const SHOWN: usize = 60;

struct Unique(Value);

struct UniqueObject(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

impl<'de> Deserialize<'de> for UniqueObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members).map(Self)
    }
}

struct AnyValue;

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(AnyValue)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Some(first) = members.next_key::<String>()? else { return Ok(Value::Object(Map::new())) };
        if first != NUMBER {
            return rest(members, first).map(Value::Object);
        }
        let digits = members.next_value::<String>()?;
        digits.parse::<Number>().map(Value::Number).map_err(|_| A::Error::custom("invalid number"))
    }
}

/// The name under which `serde_json` hands out numbers digit for digit.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        match members.next_key::<String>()? {
            Some(first) => rest(members, first),
            None => Ok(Map::new()),
        }
    }
}

/// The members of an object whose first name is read.
fn rest<'de, A: MapAccess<'de>>(mut members: A, first: String) -> Result<Map<String, Value>, A::Error> {
    let (mut object, mut next) = (Map::new(), Some(first));
    while let Some(name) = next {
        match object.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(members.next_value_seed(AnyValue)?);
            }
            Entry::Occupied(entry) => {
                let name: String = entry.key().chars().take(SHOWN).collect();
                let name = name.escape_debug();
                return Err(A::Error::custom(format_args!("the key `{name}` occurs twice")));
            }
        }
        next = members.next_key()?;
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in [
            "[1,1.50,1E400,-0,-0.0,12345678901234567890123,0.1234567890123456789]",
            "{\"a\":{\"b\":[{\"c\":1.0}]}}",
        ] {
            assert_eq!(value(text).unwrap().to_string(), text.replace("1E400", "1e+400"));
        }
    }

    #[test]
    fn a_name_stands_once_at_any_depth() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"m":{"a":1,"a":2}}"#, r#"[{"m":[{"a":1,"a":2}]}]"#] {
            assert!(value(text).unwrap_err().to_string().contains("the key `a` occurs twice"), "{text}");
        }
        assert!(value(r#"{"a":{"b":1},"c":{"b":1}}"#).is_ok());
    }
}
