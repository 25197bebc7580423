//! `partnerstack describe`: what can be synced, and how; all of it read from the generated tables.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::api::mode::Mode;
use crate::api::{
    FieldSpec, FieldType, ModeSpec, ObjectSpec, OperationName, RateLimit, Support, TextFormat, Unit,
};
use crate::cli::args::commands::DescribeArgs;
use crate::cli::screen::streams::Desk;
use crate::generated::API;
use crate::run::exit::{DONE, SETUP};
use crate::text::names::near;

/// Shows the matrix, or one object.
pub(in crate::cli) fn run(args: &DescribeArgs, streams: &mut Desk<'_>) -> io::Result<u8> {
    let Some(name) = &args.object else {
        if args.json {
            let objects: Vec<Value> = API.objects.iter().map(|object| object_json(object)).collect();
            writeln!(
                streams.stdout,
                "{}",
                json!({"title": API.title, "base_url": API.base_url, "objects": objects})
            )?;
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
    writeln!(out, "{}\n", API.title)?;
    fill(out, "", 0, API.description)?;
    writeln!(
        out,
        "\n{:<16}{}",
        "",
        Mode::ALL.map(|mode| format!("{:<10}", mode.name())).concat().trim_end()
    )?;
    for object in API.objects {
        let offered = |mode: &ModeSpec| if matches!(mode.support, Support::Steps(_)) { "yes" } else { "no" };
        let cells: Vec<String> = object.modes.iter().map(|mode| format!("{:<10}", offered(mode))).collect();
        writeln!(out, "{:<16}{}", object.name, cells.concat().trim_end())?;
    }
    writeln!(out, "\nNot offered:")?;
    for object in API.objects {
        for mode in object.modes {
            if let Support::Forbidden(reason) = mode.support {
                fill(out, "  ", 4, &format!("{} of {}: {reason}", mode.mode, object.name))?;
            }
        }
    }
    for absent in API.not_offered {
        fill(out, "  ", 4, &format!("{}: {}", absent.title, absent.reason))?;
    }
    let RateLimit { requests, seconds, scope } = API.rate_limit;
    writeln!(out, "\nQuota: {requests} requests in {seconds} s for each {scope}.")?;
    writeln!(out, "Fields, limits and modes of an object: partnerstack describe OBJECT")
}

fn page(object: &ObjectSpec, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", object.title)?;
    fill(out, "", 0, object.description)?;
    writeln!(out, "\nModes:")?;
    for mode in object.modes {
        fill(out, &format!("  {:<8}", mode.mode.name()), 10, &mode_text(mode))?;
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
            let column = format!("  {:<24}", "");
            fill(out, &column, column.len(), field.description)?;
            let rules = rules(object, field);
            if !rules.is_empty() {
                fill(out, &column, column.len(), &rules.join("; "))?;
            }
        }
    }
    if !object.exactly_one_of.is_empty() {
        writeln!(out, "\nExactly one of several fields:")?;
    }
    for group in object.exactly_one_of {
        fill(out, "  ", 4, group.description)?;
    }
    writeln!(out, "\nWhat makes two rows the same record:")?;
    fill(out, "  ", 4, &same_record(object))?;
    if !object.not_offered.is_empty() {
        writeln!(out, "\nNot offered:")?;
    }
    for absent in object.not_offered {
        fill(out, "  ", 4, &format!("{}: {}", absent.title, absent.reason))?;
    }
    if !object.open.is_empty() {
        writeln!(out, "\nWhat the API's documents leave open, and what is done until it is known:")?;
    }
    for open in object.open {
        fill(out, "  ", 4, &format!("{} {}", open.question, open.handling))?;
    }
    Ok(())
}

/// How wide lines are at most.
const WIDTH: usize = 100;

/// Writes a text behind what stands before it, in lines of which the further ones are indented.
fn fill(out: &mut dyn Write, lead: &str, indent: usize, text: &str) -> io::Result<()> {
    let (mut line, mut begun) = (lead.to_owned(), false);
    for word in text.split_whitespace() {
        if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            (line, begun) = (" ".repeat(indent), false);
        }
        if begun {
            line.push(' ');
        }
        line.push_str(word);
        begun = true;
    }
    writeln!(out, "{line}")
}

fn same_record(object: &ObjectSpec) -> String {
    let fields: Vec<&FieldSpec> = object.identity.iter().map(|identity| identity.field).collect();
    let default = match fields.as_slice() {
        [only] => format!("the row's {}", only.name),
        several => format!("the first of these that the row has: {}", names(several)),
    };
    // As the record keys have it: what cannot be changed has no safe default.
    let without = if object.steps(Mode::Update).is_err() { " (one of both has to be there)" } else { "" };
    format!("the columns of --primary-key; without them, {default}{without}")
}

fn mode_text(mode: &ModeSpec) -> String {
    match (&mode.support, mode.description) {
        (Support::Forbidden(reason), _) => format!("not offered: {reason}"),
        (Support::Steps(_), Some(description)) => description.to_owned(),
        (Support::Steps(steps), None) => {
            let calls: Vec<String> = steps
                .iter()
                .map(|step| format!("{} {}", step.operation.method.name(), step.operation.path))
                .collect();
            calls.join(", where it is not found ")
        }
    }
}

fn names(fields: &[&FieldSpec]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}

/// What a field takes, in a line: its type, whether every create needs it, and its rules.
pub(super) fn takes(object: &ObjectSpec, field: &FieldSpec) -> String {
    let required = if field.required { "required" } else { "" };
    let head = [type_name(field), required.to_owned()].into_iter().chain(rules(object, field));
    head.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

fn type_name(field: &FieldSpec) -> String {
    let name = match field.kind {
        FieldType::String => "text",
        FieldType::Integer => "whole number",
        FieldType::Boolean => "true or false",
        FieldType::Date => "date (YYYY-MM-DD or ISO 8601 date-time)",
        FieldType::Timestamp => "time (epoch milliseconds, or ISO 8601 date-time with its zone)",
        FieldType::Strings => "list of texts (`a, b` in a CSV cell)",
        FieldType::Map | FieldType::CustomFields => {
            return format!("names and values (map a column to {}.NAME)", field.name);
        }
    };
    name.to_owned()
}

fn rules(object: &ObjectSpec, field: &FieldSpec) -> Vec<String> {
    let mut rules = Vec::new();
    if field.unit == Some(Unit::Cents) {
        rules.push("in cents: 1000 is 10.00".to_owned());
    }
    match field.format {
        Some(TextFormat::Email) => rules.push("e-mail address".to_owned()),
        Some(TextFormat::Currency) => rules.push("ISO 4217 code in upper case".to_owned()),
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
        let unless = if absent.unless.is_empty() {
            String::new()
        } else {
            format!(" and no {}", absent.unless.join(" or "))
        };
        rules.push(format!("without a value{unless}: {sent} is sent"));
    }
    if object.derive_field == Some(field) {
        rules.push("without a value: made from the record key".to_owned());
    }
    let bodies = object.operations.iter().filter(|operation| operation.name != OperationName::List);
    let writes: Vec<&str> = field.writable.iter().map(|name| name.name()).collect();
    let found_by: Vec<&str> =
        bodies.clone().filter(|by| by.path_fields.contains(&field)).map(|by| by.name.name()).collect();
    let all = writes.len() == bodies.count();
    match (writes.as_slice(), found_by.as_slice()) {
        ([], []) => {}
        ([], by) => rules.push(format!("never sent: {} finds the record by it", by.join(", "))),
        (in_body, []) if !all => rules.push(format!("sent by {} only", in_body.join(", "))),
        (in_body, by) if !all => {
            rules.push(format!("sent by {}; {} finds the record by it", in_body.join(", "), by.join(", ")));
        }
        _ => {}
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
