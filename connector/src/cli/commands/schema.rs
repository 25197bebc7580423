//! `partnerstack schema`: the JSON Schema of sync files, with the objects, modes and fields of the generated tables.

use std::io;

use partnerstack_codegen::json_schema::{schema_of, text};
use serde_json::{Map, Value, json};

use super::describe::takes;
use crate::api::mode::Mode;
use crate::api::{FieldType, ObjectSpec};
use crate::cli::screen::streams::Desk;
use crate::config::keys::Keys;
use crate::generated::API;
use crate::run::exit::DONE;

/// Prints the schema.
pub(in crate::cli) fn run(streams: &mut Desk<'_>) -> io::Result<u8> {
    streams.stdout.write_all(text(&sync_file()).as_bytes())?;
    Ok(DONE)
}

/// What is read as keys, and what the tables make of it once the object is known.
fn sync_file() -> Value {
    let mut schema = schema_of::<Keys>(&format!("A sync into {}", API.title));
    let names = API.objects.iter().map(|object| json!(object.name));
    add(&mut schema, "/properties/object", "enum", names.chain([Value::Null]).collect());
    for object in API.objects {
        add(&mut schema, "/definitions", &mapping_name(object), mapping(object));
    }
    let rules = API.objects.iter().map(|object| rules(object)).chain([rules_of_insert()]).collect();
    add(&mut schema, "", "allOf", rules);
    schema
}

/// Adds a key to the block at a pointer.
fn add(schema: &mut Value, pointer: &str, key: &str, value: Value) {
    if let Some(block) = schema.pointer_mut(pointer).and_then(Value::as_object_mut) {
        block.insert(key.to_owned(), value);
    }
}

fn mapping_name(object: &ObjectSpec) -> String {
    format!("{}_mapping", object.name)
}

/// The modes, fields and identities of an object, where a file names it.
fn rules(object: &ObjectSpec) -> Value {
    let modes = Mode::ALL.into_iter().filter(|mode| object.steps(*mode).is_ok()).map(Mode::name);
    let identity = object.identity.iter().map(|identity| identity.field.name);
    json!({
        "if": {"required": ["object"], "properties": {"object": {"const": object.name}}},
        "then": {"properties": {
            "mode": {"enum": modes.map(Value::from).chain([Value::Null]).collect::<Vec<_>>()},
            "mapping": {"$ref": format!("#/definitions/{}", mapping_name(object))},
            "match_on": {"enum": identity.map(Value::from).chain([Value::Null]).collect::<Vec<_>>()},
        }},
    })
}

/// An insert neither looks for records nor sends one twice.
fn rules_of_insert() -> Value {
    json!({
        "if": {"required": ["mode"], "properties": {"mode": {"const": Mode::Insert.name()}}},
        "then": {"properties": {"match_on": {"type": "null"}, "full": {"enum": [false, null]}}},
    })
}

/// The fields of an object and the entries of its maps; each takes what every line of a mapping takes.
fn mapping(object: &ObjectSpec) -> Value {
    let feed =
        |description: String| json!({"description": description, "allOf": [{"$ref": "#/definitions/Feed"}]});
    let mut fields = Map::new();
    let mut entries = Map::new();
    for field in object.fields {
        let description = format!("{} ({})", field.description, takes(object, field));
        fields.insert(field.name.to_owned(), feed(description));
        if matches!(field.kind, FieldType::Map | FieldType::CustomFields) {
            let description = format!("An entry of `{}`. {}", field.name, field.description);
            entries.insert(format!(r"^{}\..", field.name), feed(description));
        }
    }
    json!({
        "title": format!("Mapping of {}", object.name),
        "description": format!("The fields of {}, and where each gets its value.", object.name),
        "type": ["object", "null"],
        "properties": fields,
        "patternProperties": entries,
        "additionalProperties": false,
    })
}
