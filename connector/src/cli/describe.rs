//! `partnerstack describe`: what can be synced, and how; all of it read from the generated tables.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::args::DescribeArgs;
use super::{DONE, SETUP, Streams};
use crate::generated::API;
use crate::names::near;
use crate::spec::{FieldSpec, FieldType, Format, ModeSpec, ObjectSpec, OperationName, Support, Unit};

/// Shows the matrix, or one object.
pub(super) fn run(args: &DescribeArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    let Some(name) = &args.object else {
        if args.json {
            let objects: Vec<Value> = API.objects.iter().map(|object| object_json(object)).collect();
            writeln!(streams.stdout, "{}", json!({"title": API.title, "base_url": API.base_url, "objects": objects}))?;
        } else {
            overview(streams.stdout)?;
        }
        return Ok(DONE);
    };
    let Some(object) = API.object(name) else {
        let names: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
        writeln!(streams.stderr, "error: there is no object `{name}`\n  help: {}", near(name, &names))?;
        return Ok(SETUP);
    };
    if args.json {
        writeln!(streams.stdout, "{}", object_json(object))?;
    } else {
        page(object, streams.stdout)?;
    }
    Ok(DONE)
}

fn overview(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n\n{}\n", API.title, API.description)?;
    writeln!(out, "{:<16}{:<10}{:<10}{:<10}", "", "insert", "update", "upsert")?;
    for object in API.objects {
        write!(out, "{:<16}", object.name)?;
        for mode in object.modes {
            write!(out, "{:<10}", if matches!(mode.support, Support::Steps(_)) { "yes" } else { "no" })?;
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    for object in API.objects {
        for mode in object.modes {
            if let Support::Forbidden(reason) = mode.support {
                writeln!(out, "{}, {}: {reason}", object.name, mode.mode)?;
            }
        }
    }
    writeln!(out, "\nNot offered:")?;
    for absent in API.not_offered {
        writeln!(out, "  {}: {}", absent.title, absent.reason)?;
    }
    writeln!(
        out,
        "\nQuota: {} requests in {} s for each {}.",
        API.rate_limit.requests, API.rate_limit.seconds, API.rate_limit.scope
    )?;
    writeln!(out, "Fields of an object: partnerstack describe OBJECT")
}

fn page(object: &ObjectSpec, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n\n{}\n", object.title, object.description)?;
    for mode in object.modes {
        writeln!(out, "  {:<8} {}", mode.mode.name(), mode_text(mode))?;
    }
    let (first, further): (Vec<&FieldSpec>, Vec<&FieldSpec>) =
        object.fields.iter().copied().partition(|field| field.default_field);
    for (title, fields) in [("Fields", first), ("Further fields", further)] {
        if fields.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}:")?;
        for field in fields {
            let required = if field.required { ", required" } else { "" };
            writeln!(out, "  {:<24}{}{required}", field.name, type_name(field))?;
            writeln!(out, "  {:<24}{}", "", field.description)?;
            let rules = rules(object, field);
            if !rules.is_empty() {
                writeln!(out, "  {:<24}{}", "", rules.join("; "))?;
            }
        }
    }
    for group in object.exactly_one_of {
        writeln!(out, "\nExactly one of {}: {}", names(group.fields), group.description)?;
    }
    let identity: Vec<&FieldSpec> = object.identity.iter().map(|identity| identity.field).collect();
    writeln!(out, "\nIdentity: {}", names(&identity))?;
    for absent in object.not_offered {
        writeln!(out, "\nNot offered: {}: {}", absent.title, absent.reason)?;
    }
    for open in object.open {
        writeln!(out, "\nOpen: {}\n  {}", open.question, open.handling)?;
    }
    Ok(())
}

fn mode_text(mode: &ModeSpec) -> String {
    match (&mode.support, mode.description) {
        (Support::Forbidden(reason), _) => format!("not offered: {reason}"),
        (Support::Steps(_), Some(description)) => description.to_owned(),
        (Support::Steps(steps), None) => {
            let calls: Vec<String> =
                steps.iter().map(|step| format!("{} {}", step.operation.method.name(), step.operation.path)).collect();
            calls.join(", where it is not found ")
        }
    }
}

fn names(fields: &[&FieldSpec]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}

fn type_name(field: &FieldSpec) -> &'static str {
    match field.kind {
        FieldType::String => "text",
        FieldType::Integer => "whole number",
        FieldType::Boolean => "true or false",
        FieldType::Date => "date (YYYY-MM-DD or ISO 8601 date-time)",
        FieldType::Timestamp => "time (epoch milliseconds, or ISO 8601 date-time with its zone)",
        FieldType::Strings => "list of texts",
        FieldType::Map => "names and values (NAME.ENTRY for one)",
        FieldType::CustomFields => "custom fields (NAME.API_NAME for one)",
    }
}

fn rules(object: &ObjectSpec, field: &FieldSpec) -> Vec<String> {
    let mut rules = Vec::new();
    if field.unit == Some(Unit::Cents) {
        rules.push("in cents: 1000 is 10.00".to_owned());
    }
    match field.format {
        Some(Format::Email) => rules.push("e-mail address".to_owned()),
        Some(Format::Currency) => rules.push("ISO 4217 code in upper case".to_owned()),
        None => {}
    }
    match (field.min_length, field.max_length) {
        (Some(least), Some(most)) => rules.push(format!("{least} to {most} characters")),
        (Some(least), None) => rules.push(format!("at least {least} characters")),
        (None, Some(most)) => rules.push(format!("at most {most} characters")),
        (None, None) => {}
    }
    match (field.minimum, field.maximum) {
        (Some(least), Some(most)) => rules.push(format!("from {least} to {most}")),
        (Some(least), None) => rules.push(format!("{least} or more")),
        (None, Some(most)) => rules.push(format!("{most} or less")),
        (None, None) => {}
    }
    if !field.allowed.is_empty() {
        rules.push(field.allowed.join(" or "));
    }
    let limits = [
        ("entries", field.max_entries),
        ("characters in a name", field.max_name_length),
        ("characters in a value", field.max_value_length),
    ];
    rules.extend(limits.iter().filter_map(|(what, most)| most.map(|most| format!("at most {most} {what}"))));
    if let Some(absent) = &field.when_absent {
        let sent = absent.send.map_or_else(|| "null".to_owned(), |text| format!("`{text}`"));
        let unless = if absent.unless.is_empty() { String::new() } else { format!(" and no {}", absent.unless.join(" or ")) };
        rules.push(format!("without a value{unless}: {sent} is sent"));
    }
    if object.derive_field == Some(field) {
        rules.push("without a value: made from the record key".to_owned());
    }
    let bodies: Vec<_> = object.operations.iter().filter(|operation| operation.name != OperationName::List).collect();
    let writes: Vec<&str> = field.writable.iter().map(|name| name.name()).collect();
    if writes.is_empty() {
        rules.push("only addresses the record".to_owned());
    } else if writes.len() < bodies.len() {
        let addresses = bodies.iter().any(|operation| operation.path_fields.contains(&field));
        let address = if addresses { ", otherwise it addresses the record" } else { "" };
        rules.push(format!("written by {} only{address}", writes.join(", ")));
    }
    rules
}

fn object_json(object: &ObjectSpec) -> Value {
    let modes: serde_json::Map<String, Value> = object
        .modes
        .iter()
        .map(|mode| {
            let support = match mode.support {
                Support::Steps(_) => json!({"supported": true, "description": mode.description}),
                Support::Forbidden(reason) => json!({"supported": false, "reason": reason}),
            };
            (mode.mode.name().to_owned(), support)
        })
        .collect();
    json!({
        "object": object.name,
        "title": object.title,
        "description": object.description,
        "modes": modes,
        "fields": object.fields.iter().map(|field| field_json(object, field)).collect::<Vec<_>>(),
        "exactly_one_of": object.exactly_one_of.iter().map(|group| json!({
            "fields": group.fields.iter().map(|field| field.name).collect::<Vec<_>>(),
            "description": group.description,
        })).collect::<Vec<_>>(),
        "identity": object.identity.iter().map(|identity| identity.field.name).collect::<Vec<_>>(),
    })
}

fn field_json(object: &ObjectSpec, field: &FieldSpec) -> Value {
    json!({
        "name": field.name,
        "type": match field.kind {
            FieldType::String => "string",
            FieldType::Integer => "integer",
            FieldType::Boolean => "boolean",
            FieldType::Date => "date",
            FieldType::Timestamp => "timestamp",
            FieldType::Strings => "strings",
            FieldType::Map => "map",
            FieldType::CustomFields => "custom_fields",
        },
        "required": field.required,
        "default_field": field.default_field,
        "min_length": field.min_length,
        "max_length": field.max_length,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "allowed": field.allowed,
        "writable": field.writable.iter().map(|name| name.name()).collect::<Vec<_>>(),
        "description": field.description,
        "rules": rules(object, field),
        "source": field.source,
    })
}
