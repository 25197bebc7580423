//! Reads of a JSON document only what stands at given places: most of an answer is never looked at.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The document with no properties but those that lead to these places; none where it is no JSON.
pub(crate) fn prune(bytes: &[u8], places: &[&[&str]]) -> Option<Value> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Pruned { places, depth: 0 }.deserialize(&mut reader).ok()?;
    reader.end().ok().map(|()| value)
}

/// A value on the way to some of the places, which all agree as far as `depth`.
#[derive(Clone, Copy)]
struct Pruned<'p> {
    places: &'p [&'p [&'p str]],
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Pruned<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pruned<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(wanted) = object.next_key_seed(Name(self))? {
            let Some((name, places)) = wanted else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            let depth = self.depth + 1;
            let value = if places.iter().any(|place| place.len() == depth) {
                object.next_value()?
            } else {
                object.next_value_seed(Pruned { places, depth })?
            };
            kept.insert(name, value);
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

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
}

/// The name of a property of such a value.
struct Name<'p>(Pruned<'p>);

impl<'de, 'p> DeserializeSeed<'de> for Name<'p> {
    type Value = Option<(String, &'p [&'p [&'p str]])>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Name<'p> {
    /// The name and the places that it leads to, unless it leads to none.
    type Value = Option<(String, &'p [&'p [&'p str]])>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let Self(Pruned { places, depth }) = self;
        let leads = |place: &&[&str]| place.get(depth) == Some(&name);
        // Places that begin alike stand beside each other.
        let found = places.chunk_by(|one, next| one.get(depth) == next.get(depth));
        let found = found.into_iter().find(|places| places.iter().any(&leads));
        Ok(found.map(|places| (name.to_owned(), places)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_places_are_left() {
        let places: &[&[&str]] = &[&["message"], &["data", "key"], &["data", "test"]];
        let text =
            br#"{"data": {"key": "a\"b", "x": {"key": 1}, "test": true}, "message": ["m"], "status": 200}"#;
        let kept = serde_json::json!({"data": {"key": "a\"b", "test": true}, "message": ["m"]});
        assert_eq!(prune(text, places), Some(kept));
        assert_eq!(prune(br#"{"data": null}"#, places), Some(serde_json::json!({"data": null})));
        assert_eq!(prune(br#"{"data": {"key": 1}"#, places), None, "it breaks off");
        assert_eq!(prune(br#"{"data": {}} x"#, places), None, "something follows");
    }
}
