//! The API's checks of a body, in the words of the JSON Schema validator that the API answers with: the first fault only.

use serde_json::{Map, Value};

use crate::api::{FieldSpec, FieldType, ObjectSpec, OperationName, TextFormat};

/// The body of a create or an update, or what is wrong with it.
pub(super) fn check(
    object: &ObjectSpec,
    operation: OperationName,
    body: &[u8],
) -> Result<Map<String, Value>, String> {
    let body =
        serde_json::from_slice(body).map_err(|error| format!("Failed to decode JSON object: {error}"))?;
    let Value::Object(body) = body else { return Err(not_of_type(&body, "'object'")) };
    if operation == OperationName::Create {
        required(object, &body)?;
        exactly_one(object, &body)?;
    }
    for (name, value) in &body {
        let field = object
            .field(name)
            .filter(|field| field.writable.contains(&operation))
            .ok_or_else(|| format!("Additional properties are not allowed ('{name}' was unexpected)"))?;
        check_value(field, value).map_err(|fault| format!("{name}: {fault}"))?;
    }
    Ok(body)
}

fn required(object: &ObjectSpec, body: &Map<String, Value>) -> Result<(), String> {
    match object.fields.iter().find(|field| field.required && !body.contains_key(field.name)) {
        Some(field) => Err(format!("'{}' is a required property", field.name)),
        None => Ok(()),
    }
}

fn exactly_one(object: &ObjectSpec, body: &Map<String, Value>) -> Result<(), String> {
    for group in object.exactly_one_of {
        let count = group.fields.iter().filter(|field| body.contains_key(field.name)).count();
        if count != 1 {
            let names: Vec<&str> = group.fields.iter().map(|field| field.name).collect();
            return Err(format!("exactly one of {} is required, got {count}", quoted(&names)));
        }
    }
    Ok(())
}

fn check_value(field: &FieldSpec, value: &Value) -> Result<(), String> {
    if value.is_null() && field.nullable {
        return Ok(());
    }
    let wrong = |expected: &str| {
        let null = if field.nullable { ", 'null'" } else { "" };
        not_of_type(value, &format!("'{expected}'{null}"))
    };
    match field.kind {
        FieldType::String => check_text(field, value.as_str().ok_or_else(|| wrong("string"))?),
        FieldType::Date => check_date(value.as_str().ok_or_else(|| wrong("string"))?),
        FieldType::Integer | FieldType::Timestamp => {
            // Whole numbers beyond i64 are integers too, only out of any range.
            let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
            check_range(field, whole.ok_or_else(|| wrong("integer"))?)
        }
        FieldType::Boolean => value.as_bool().map(drop).ok_or_else(|| wrong("boolean")),
        FieldType::Strings => {
            let items = value.as_array().ok_or_else(|| wrong("array"))?;
            items.iter().try_for_each(|item| {
                check_text(field, item.as_str().ok_or_else(|| not_of_type(item, "'string'"))?)
            })
        }
        FieldType::Map => check_map(field, value.as_object().ok_or_else(|| wrong("object"))?),
        FieldType::CustomFields => {
            let items = value.as_array().ok_or_else(|| wrong("array"))?;
            items.iter().try_for_each(check_custom_field)
        }
    }
}

fn check_text(field: &FieldSpec, text: &str) -> Result<(), String> {
    check_length(text, field.min_length, field.max_length)?;
    if !field.allowed.is_empty() && !field.allowed.contains(&text) {
        return Err(format!("{} is not one of [{}]", show_text(text), quoted(field.allowed)));
    }
    match field.format {
        Some(TextFormat::Email) if !is_email(text) => Err(format!("{} is not a 'email'", show_text(text))),
        Some(TextFormat::Currency) if !is_currency(text) => {
            Err(format!("{} is not a 'currency'", show_text(text)))
        }
        _ => Ok(()),
    }
}

fn check_length(text: &str, min: Option<u32>, max: Option<u32>) -> Result<(), String> {
    let length = text.chars().count();
    if min.is_some_and(|min| length < min as usize) {
        return Err(format!("{} is too short", show_text(text)));
    }
    if max.is_some_and(|max| length > max as usize) {
        return Err(format!("{} is too long", show_text(text)));
    }
    Ok(())
}

/// One part before the last `@`, one after, no blanks and no control characters.
fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

fn check_range(field: &FieldSpec, number: i128) -> Result<(), String> {
    match (field.minimum, field.maximum) {
        (Some(minimum), _) if number < minimum.into() => {
            Err(format!("{number} is less than the minimum of {minimum}"))
        }
        (_, Some(maximum)) if number > maximum.into() => {
            Err(format!("{number} is greater than the maximum of {maximum}"))
        }
        _ if i64::try_from(number).is_err() => {
            Err(format!("{number} is greater than the maximum of {}", i64::MAX))
        }
        _ => Ok(()),
    }
}

fn check_date(text: &str) -> Result<(), String> {
    if is_date(text) { Ok(()) } else { Err(format!("{} is not a 'date'", show_text(text))) }
}

/// `YYYY-MM-DD`, a day that the calendar has.
fn is_date(text: &str) -> bool {
    let number = |text: &str, digits: usize| {
        let wanted = text.len() == digits && text.bytes().all(|digit| digit.is_ascii_digit());
        if wanted { text.parse::<u32>().ok() } else { None }
    };
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (
        parts.next().and_then(|part| number(part, 4)),
        parts.next().and_then(|part| number(part, 2)),
        parts.next().and_then(|part| number(part, 2)),
        parts.next(),
    ) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

fn check_map(field: &FieldSpec, map: &Map<String, Value>) -> Result<(), String> {
    if field.max_entries.is_some_and(|max| map.len() > max as usize) {
        return Err(format!("{} entries are too many properties", map.len()));
    }
    for (name, value) in map {
        check_length(name, None, field.max_name_length)?;
        if let Some(text) = value.as_str() {
            check_length(text, None, field.max_value_length)?;
        }
    }
    Ok(())
}

/// The shape of every custom field: a name under `api_name`, and a `value`.
fn check_custom_field(item: &Value) -> Result<(), String> {
    let entry = item.as_object().ok_or_else(|| not_of_type(item, "'object'"))?;
    let name = entry.get("api_name").ok_or("'api_name' is a required property")?;
    if !name.is_string() {
        return Err(not_of_type(name, "'string'"));
    }
    entry.get("value").map(drop).ok_or_else(|| "'value' is a required property".to_owned())
}

fn not_of_type(value: &Value, types: &str) -> String {
    format!("{} is not of type {types}", show(value))
}

/// A value as the validator prints it, which is Python's way.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => show_text(text),
        other => cut(&other.to_string()),
    }
}

fn show_text(text: &str) -> String {
    format!("'{}'", cut(text))
}

/// The API repeats whole values; a message needs no more than the start of one.
fn cut(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}
