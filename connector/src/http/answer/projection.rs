//! Reads of the answer to a write only what there is a use for: most of it is never looked at.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::api::AnswerSpec;
use crate::text::json::NUMBER;

/// Of an answer its message, its status, and the key and test mark of its record; and what the record shows in another
/// way than `sent` has it, the body of the request. None where it is no JSON.
pub(crate) fn project(
    bytes: &[u8],
    answers: &AnswerSpec,
    sent: &[u8],
) -> Option<(Value, Vec<(String, Value)>)> {
    let record = RecordProjection {
        kept: [answers.key, answers.test],
        sent: serde_json::from_slice(sent).unwrap_or_default(),
        shown_otherwise: RefCell::default(),
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let places = [answers.record, answers.message, answers.status];
    let value = Projected { places: &places, depth: 0, record: &record, is_record: false }
        .deserialize(&mut reader)
        .ok()?;
    reader.end().ok().map(|()| (value, record.shown_otherwise.into_inner()))
}

/// What is read of the record in the answer.
struct RecordProjection<'s> {
    /// Properties that are kept.
    kept: [&'static str; 2],
    /// The body of the request, property by property, to the letter.
    sent: SentProperties<'s>,
    /// What is shown otherwise.
    shown_otherwise: RefCell<Vec<(String, Value)>>,
}

impl RecordProjection<'_> {
    /// Notes a property that is shown with another value. Lists and objects may be shown in another form, and what is
    /// empty is not shown at all.
    fn compare(&self, name: &str, shown: &RawValue) {
        let Some((_, sent)) = self.sent.0.iter().find(|(sent, _)| *sent == name) else { return };
        let is_scalar = |raw: &RawValue| !raw.get().starts_with(['{', '[']);
        let absent = ["null", "\"\""].contains(&shown.get());
        if sent.get() == shown.get() || absent || !is_scalar(shown) || !is_scalar(sent) {
            return;
        }
        if let Ok(value) = serde_json::from_str(shown.get()) {
            self.shown_otherwise.borrow_mut().push((name.to_owned(), value));
        }
    }
}

/// The properties of a JSON object, unread. Names with escapes are left out: no field has such a name.
#[derive(Default)]
struct SentProperties<'s>(Vec<(&'s str, &'s RawValue)>);

/// The name of a property, if it has no escapes.
struct Plain<'s>(Option<&'s str>);

impl<'de> serde::Deserialize<'de> for Plain<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Letters;
        impl<'de> Visitor<'de> for Letters {
            type Value = Plain<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Plain<'de>, E> {
                Ok(Plain(Some(name)))
            }

            fn visit_str<E>(self, _name: &str) -> Result<Plain<'de>, E> {
                Ok(Plain(None))
            }
        }
        deserializer.deserialize_str(Letters)
    }
}

impl<'de> serde::Deserialize<'de> for SentProperties<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Properties;
        impl<'de> Visitor<'de> for Properties {
            type Value = SentProperties<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<SentProperties<'de>, A::Error> {
                let mut properties = Vec::with_capacity(16);
                while let Some((Plain(name), value)) = object.next_entry::<Plain<'de>, &RawValue>()? {
                    properties.extend(name.map(|name| (name, value)));
                }
                Ok(SentProperties(properties))
            }
        }
        deserializer.deserialize_map(Properties)
    }
}

/// A value on the way to some of the places, which all agree as far as `depth`. The first of all places is the record's.
#[derive(Clone, Copy)]
struct Projected<'p> {
    places: &'p [&'static [&'static str]],
    depth: usize,
    record: &'p RecordProjection<'p>,
    /// It is the record.
    is_record: bool,
}

impl<'de> DeserializeSeed<'de> for Projected<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Projected<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        if self.is_record {
            while let Some(Plain(name)) = object.next_key::<Plain<'de>>()? {
                // A number, and no record at all.
                if name == Some(NUMBER) {
                    return object.next_value::<IgnoredAny>().map(|_| Value::Null);
                }
                let shown = object.next_value::<&'de RawValue>()?;
                let Some(name) = name else { continue };
                if let Some(name) = self.record.kept.iter().find(|kept| **kept == name) {
                    let value = serde_json::from_str(shown.get()).map_err(serde::de::Error::custom)?;
                    kept.insert((*name).to_owned(), value);
                }
                self.record.compare(name, shown);
            }
            return Ok(Value::Object(kept));
        }
        while let Some(wanted) = object.next_key_seed(Name(self))? {
            let Some(name) = wanted else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            let depth = self.depth + 1;
            let here = |place: &&[&str]| place.len() == depth && place.last() == Some(&name);
            let value = match self.places.iter().position(here) {
                Some(at) if at > 0 => object.next_value()?,
                found => object.next_value_seed(Projected { depth, is_record: found.is_some(), ..self })?,
            };
            kept.insert(name.to_owned(), value);
        }
        Ok(Value::Object(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(Vec::new()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
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
}

/// The name of a property of such a value, if it leads to one of the places.
struct Name<'p>(Projected<'p>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let Self(Projected { places, depth, .. }) = self;
        Ok(places.iter().filter_map(|place| place.get(depth)).find(|known| **known == name).copied())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::generated::API;

    fn projected(answer: &str, sent: &str) -> Option<(Value, Vec<(String, Value)>)> {
        project(answer.as_bytes(), &API.answers, sent.as_bytes())
    }

    #[test]
    fn only_the_places_are_left() {
        let text = r#"{"data": {"key": "a\"b", "x": {"key": 1}, "test": true, "n\"": 1}, "message": ["m"], "status": 200, "y": {}}"#;
        let kept = json!({"data": {"key": "a\"b", "test": true}, "message": ["m"], "status": 200});
        assert_eq!(projected(text, "{}"), Some((kept, Vec::new())));
        assert_eq!(projected(r#"{"data": null}"#, ""), Some((json!({"data": null}), Vec::new())));
        assert_eq!(projected(r#"{"data": [1]}"#, ""), Some((json!({"data": []}), Vec::new())));
        assert_eq!(projected("[]", "{}"), Some((json!([]), Vec::new())));
        assert_eq!(projected(r#"{"data": {"key": 1}"#, "{}"), None, "it breaks off");
        assert_eq!(projected(r#"{"data": {}} x"#, "{}"), None, "something follows");
    }

    #[test]
    fn what_is_shown_otherwise_is_told() {
        let sent = r#"{"amount":100,"name":"Ada","email":"a@x.io","meta":{"a":1},"gone":"x","note":"y"}"#;
        let shown = r#"{"message":"ok","data":{"key":"k","amount":100,"name":"Bob","email":"a@x.io","meta":{},"gone":null,"note":""}}"#;
        let (_, otherwise) = projected(shown, sent).unwrap();
        assert_eq!(otherwise, [("name".to_owned(), json!("Bob"))]);
    }
}
