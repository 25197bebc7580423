//! JSON Schemas of types that people write values of, so that editors help while they type.
//!
//! Draft 7, because it is what every editor's YAML support knows. A schema tells shapes, names and choices; what only
//! makes sense across keys is left to the reader of the file.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of the files that are read as a `T`.
#[must_use]
pub fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft07().with_transform(InWords);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    // Title and description come first, for people who open the file.
    let head = ["$schema", "title", "description"];
    let head: Vec<_> =
        head.into_iter().filter_map(|key| Some((key.to_owned(), schema.remove(key)?))).collect();
    head.into_iter().chain(schema.as_object().cloned().unwrap_or_default()).collect()
}

/// The schema as its file has it.
#[must_use]
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// The condition that a block has a value for this key, which null is not.
#[must_use]
pub fn given(key: &str) -> Value {
    json!({"required": [key], "properties": {key: {"not": {"type": "null"}}}})
}

/// Lets a block have a value for exactly one of these keys.
pub fn exactly_one_of(schema: &mut Schema, keys: &[&str]) {
    let keys: Vec<Value> = keys.iter().map(|key| given(key)).collect();
    schema.insert("oneOf".to_owned(), keys.into());
}

/// Changes a schema to what editors show: titles in words, descriptions in one line, numbers with their range only.
#[derive(Clone)]
struct InWords;

impl Transform for InWords {
    fn transform(&mut self, schema: &mut Schema) {
        // Rust's names for the width of numbers, which no editor knows; minimum and maximum stay.
        schema.remove("format");
        // What may be left out needs no default that says so.
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.split('\n').collect::<Vec<_>>().join(" ");
        }
        let definitions = schema.get_mut("definitions").and_then(Value::as_object_mut);
        for (name, definition) in definitions.into_iter().flatten() {
            if let Some(definition) = definition.as_object_mut() {
                definition.entry("title").or_insert_with(|| in_words(name).into());
            }
        }
        transform_subschemas(self, schema);
    }
}

/// `RateLimit` as `Rate limit`.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}
