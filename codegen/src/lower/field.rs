//! Lowers one field: its limits suit its type, and its keys agree with each other.

use super::resolve::resolve;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Field, Reference, WhenAbsent};
use crate::names;
use crate::source::document::Cursor;
use crate::syntax;
use crate::syntax::field::{FieldType, Format};
use crate::syntax::operation::OperationName;

/// Lowers a field. `names` are the fields of its object, `writable` are the operations whose body takes it.
pub(super) fn lower(
    field: syntax::Field,
    names: &[String],
    writable: Vec<OperationName>,
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> Field {
    judge_limits(&field, at, found);
    judge_allowed(&field, at.key("allowed"), found);
    judge_agreement(&field, at, found);
    if let Some(when_absent) = &field.when_absent {
        judge_send(&field, when_absent, at.key("when_absent"), found);
    }
    let currency = field
        .currency_field
        .as_deref()
        .and_then(|name| resolve(name, names, at.key("currency_field").place(), found));
    let when_absent = field
        .when_absent
        .map(|written| lower_when_absent(written, &field.name, names, at.key("when_absent"), found));
    Field {
        name: field.name,
        kind: field.kind,
        required: field.required,
        by_default: field.default_field,
        nullable: field.nullable,
        recommended: field.recommended,
        min_length: field.min_length,
        max_length: field.max_length,
        minimum: field.minimum,
        maximum: field.maximum,
        format: field.format,
        unit: field.unit,
        currency,
        allowed: field.allowed,
        max_entries: field.max_entries,
        max_name_length: field.max_name_length,
        max_value_length: field.max_value_length,
        writable,
        when_absent,
        refers_to: field.refers_to.map(|written| lower_reference(written, at.key("refers_to"), found)),
        derive: field.derive,
        description: field.description,
        source: field.source,
    }
}

const TEXTS: &[FieldType] = &[FieldType::String, FieldType::Strings];
const NUMBERS: &[FieldType] = &[FieldType::Integer, FieldType::Timestamp];
const LISTS: &[FieldType] = &[FieldType::Strings, FieldType::Map, FieldType::CustomFields];
const MAPS: &[FieldType] = &[FieldType::Map, FieldType::CustomFields];

fn judge_limits(field: &syntax::Field, at: Cursor<'_>, found: &mut Diagnostics) {
    let limits = [
        ("min_length", field.min_length.is_some(), TEXTS),
        ("max_length", field.max_length.is_some(), TEXTS),
        ("format", field.format.is_some(), TEXTS),
        ("allowed", at.key("allowed").exists(), TEXTS),
        ("minimum", field.minimum.is_some(), NUMBERS),
        ("maximum", field.maximum.is_some(), NUMBERS),
        ("unit", field.unit.is_some(), &[FieldType::Integer]),
        ("max_entries", field.max_entries.is_some(), LISTS),
        ("max_name_length", field.max_name_length.is_some(), MAPS),
        ("max_value_length", field.max_value_length.is_some(), MAPS),
    ];
    for (key, given, kinds) in limits {
        if given && !kinds.contains(&field.kind) {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.key()).collect();
            found.note(at.key(key).key_place(), sentence::unsuited_limit(key, field.kind.key(), &kinds));
        }
    }
    let bounds = [
        ("min_length", field.min_length.map(i64::from), "max_length", field.max_length.map(i64::from)),
        ("minimum", field.minimum, "maximum", field.maximum),
    ];
    for (low_key, low, high_key, high) in bounds {
        if let (Some(low), Some(high)) = (low, high)
            && low > high
        {
            let sentence = sentence::bounds_reversed(low_key, low, high_key, high);
            let diagnostic = Diagnostic::new(at.key(high_key).place(), sentence);
            found.push(diagnostic.with(at.key(low_key).place(), "the least is declared here"));
        }
    }
    let rooms = [
        ("max_length", field.max_length),
        ("max_entries", field.max_entries),
        ("max_name_length", field.max_name_length),
        ("max_value_length", field.max_value_length),
    ];
    for (key, room) in rooms {
        if room == Some(0) {
            found.note(at.key(key).place(), sentence::zero(key));
        }
    }
}

fn judge_allowed(field: &syntax::Field, at: Cursor<'_>, found: &mut Diagnostics) {
    if at.exists() && field.allowed.is_empty() {
        found.note(at.place(), sentence::empty_list("allowed"));
    }
    for (index, text) in field.allowed.iter().enumerate() {
        if let Some(rule) = broken_rule(field, text) {
            found.note(at.index(index).place(), sentence::unfit_text(text, &rule));
        }
    }
}

/// The rule of the field that a text breaks, as it is written in the file.
fn broken_rule(field: &syntax::Field, text: &str) -> Option<String> {
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let too_short =
        field.min_length.filter(|least| length < *least).map(|least| format!("min_length: {least}"));
    let too_long = field.max_length.filter(|most| length > *most).map(|most| format!("max_length: {most}"));
    let unlike = match field.format {
        Some(Format::Email) if !text.contains('@') => Some("format: email".to_owned()),
        Some(Format::Currency) if length != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Some("format: currency".to_owned())
        }
        _ => None,
    };
    too_short.or(too_long).or(unlike)
}

/// Keys about an absent value have no effect on a required field, and only one key can fill it in.
fn judge_agreement(field: &syntax::Field, at: Cursor<'_>, found: &mut Diagnostics) {
    let absent = [
        ("recommended", field.recommended.is_some()),
        ("when_absent", field.when_absent.is_some()),
        ("derive", field.derive),
    ];
    if field.required {
        for (key, _) in absent.into_iter().filter(|(_, given)| *given) {
            let diagnostic = Diagnostic::new(at.key(key).key_place(), sentence::never_absent(key));
            found.push(diagnostic.with(at.key("required").key_place(), "required here"));
        }
    } else if field.derive && field.when_absent.is_some() {
        let diagnostic = Diagnostic::new(at.key("when_absent").key_place(), sentence::filled_twice());
        found.push(diagnostic.with(at.key("derive").key_place(), "derived here"));
    }
}

fn judge_send(
    field: &syntax::Field,
    when_absent: &syntax::WhenAbsent,
    at: Cursor<'_>,
    found: &mut Diagnostics,
) {
    let send = at.key("send");
    let Some(text) = &when_absent.send else {
        if !send.exists() {
            found.note(at.place(), sentence::nothing_to_send());
        } else if !field.nullable {
            found.note(send.place(), sentence::null_not_taken());
        }
        return;
    };
    if field.kind != FieldType::String {
        found.note(send.place(), sentence::text_not_taken(field.kind.key()));
    } else if !field.allowed.is_empty() && !field.allowed.contains(text) {
        let allowed: Vec<&str> = field.allowed.iter().map(String::as_str).collect();
        found.note(send.place(), sentence::not_allowed(text, &allowed));
    } else if let Some(rule) = broken_rule(field, text) {
        found.note(send.place(), sentence::unfit_text(text, &rule));
    }
}

fn lower_reference(written: syntax::field::Reference, at: Cursor<'_>, found: &mut Diagnostics) -> Reference {
    let syntax::field::Reference { list, property, status, message, source } = written;
    if !list.trim().is_empty() && !names::is_snake_case(&list) {
        found.note(at.key("list").place(), sentence::bad_name(&list, names::to_snake_case(&list)));
    }
    if !(100..600).contains(&status) {
        found.note(at.key("status").place(), sentence::bad_status(status));
    }
    Reference { list, property, status, message, source }
}

fn lower_when_absent(
    written: syntax::WhenAbsent,
    field: &str,
    names: &[String],
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> WhenAbsent {
    let sends_null = written.send.is_none() && at.key("send").exists();
    let at = at.key("unless");
    if sends_null && at.exists() {
        found.note(at.key_place(), sentence::unless_with_null());
    }
    let mut unless = Vec::new();
    for (index, name) in written.unless.iter().enumerate() {
        if name == field {
            found.note(at.index(index).place(), sentence::unless_itself(name));
        }
        unless.extend(resolve(name, names, at.index(index).place(), found));
    }
    WhenAbsent { send: written.send, unless, reason: written.reason, source: written.source }
}
