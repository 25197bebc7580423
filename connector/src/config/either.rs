//! Reading of what can be written in two ways.

/// What can be written in two ways is read by a visitor: serde's own way for it would lose the place of a mistake.
macro_rules! either {
    ($type:ident, $expecting:literal, { $($method:item)* }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> serde::de::Visitor<'de> for Either {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }
                    $($method)*
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

pub(super) use either;
