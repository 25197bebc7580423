//! The rules that generated validators call.

use std::cell::Cell;

use iso_currency::Currency;
use serde_json::Value;

use super::fault::{Fault, Faults, out_of_range};
use super::plain_key::{is_edge, named, trimmed};
use super::value::{CustomField, Date, Map};
use crate::api::{FieldSpec, OneOf, TextFormat};
use crate::text::printable::is_hidden;

/// Notes what a value breaks of its field's rules.
pub fn check<T: Check>(field: &'static FieldSpec, value: &T, faults: &mut Faults) {
    if let Err(fault) = value.check(field) {
        faults.add(field.name, fault);
    }
}

/// Notes a text that cannot be one segment of a path.
pub fn path_segment(field: &'static FieldSpec, value: &str, faults: &mut Faults) {
    if value.is_empty() {
        faults.note(field.name, "path", "must not be empty: it is the address of the record");
    } else if matches!(value, "." | "..") {
        // RFC 3986 has every client remove such segments, percent-encoded or not.
        faults.note(
            field.name,
            "path",
            "cannot be `.` or `..`: no HTTP client can send it as the address of a record",
        );
    }
    check_text(field, value).unwrap_or_else(|fault| faults.add(field.name, fault));
}

/// Notes a group unless exactly one of its fields has a value. The fault is noted for the group's first field.
pub fn exactly_one_of(group: &'static OneOf, present: &[bool], faults: &mut Faults) {
    // A member that is itself faulty is present, in a shape that is reported already.
    let one_is_faulty = group.fields.iter().any(|field| faults.concern(field.name));
    let count = present.iter().filter(|&&present| present).count();
    if count == 1 || (count == 0 && one_is_faulty) {
        return;
    }
    let names: Vec<&str> = group.fields.iter().map(|field| field.name).collect();
    let first = names.first().copied().unwrap_or_default();
    let found = if count == 0 { "none has".to_owned() } else { format!("{count} have") };
    let message = format!(
        "is one of {}, of which exactly one must have a value ({found}): {}",
        names.join(", "),
        group.description
    );
    faults.note(first, "exactly_one_of", message);
}

/// Fills in what the spec sends where a row has no value, unless one of the fields in `unless` has one.
pub fn fill_absent(value: &mut Option<String>, send: &str, unless: &[bool]) {
    if value.is_none() && !unless.contains(&true) {
        *value = Some(send.to_owned());
    }
}

/// A value that can be checked by the rules of its field.
pub trait Check {
    /// The first rule that it breaks.
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault>;
}

impl<T: Check> Check for Option<T> {
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault> {
        self.as_ref().map_or(Ok(()), |value| value.check(field))
    }
}

impl Check for String {
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault> {
        check_text(field, self)
    }
}

impl Check for i64 {
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault> {
        let below = field.minimum.is_some_and(|minimum| *self < minimum);
        let above = field.maximum.is_some_and(|maximum| *self > maximum);
        if below || above { Err(out_of_range(field)) } else { Ok(()) }
    }
}

impl Check for bool {
    fn check(&self, _field: &'static FieldSpec) -> Result<(), Fault> {
        Ok(())
    }
}

impl Check for Date {
    fn check(&self, _field: &'static FieldSpec) -> Result<(), Fault> {
        Ok(())
    }
}

impl Check for Vec<String> {
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault> {
        check_entries(field, self.len())?;
        self.iter().try_for_each(|text| check_text(field, text))
    }
}

impl Check for Map {
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault> {
        check_entries(field, self.len())?;
        self.iter().try_for_each(|(name, value)| check_entry(field, name, value))
    }
}

impl Check for Vec<CustomField> {
    fn check(&self, field: &'static FieldSpec) -> Result<(), Fault> {
        check_entries(field, self.len())?;
        self.iter().try_for_each(|entry| check_entry(field, &entry.api_name, &entry.value))
    }
}

fn check_text(field: &FieldSpec, text: &str) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err(Fault::new(
            "control",
            "has a NUL character (U+0000) in it: take it out where the row comes from",
        ));
    }
    // Characters are never more than bytes, so short texts need no count.
    let too_long =
        field.max_length.filter(|&most| text.len() > most as usize && text.chars().count() > most as usize);
    let too_short =
        field.min_length.filter(|&least| text.chars().take(least as usize).count() < least as usize);
    if too_long.is_some() || too_short.is_some() {
        return Err(Fault::new(
            "length",
            format_args!("must have {}", characters(field.min_length, field.max_length)),
        ));
    }
    if !field.allowed.is_empty() && !field.allowed.contains(&text) {
        let allowed: Vec<String> = field.allowed.iter().map(|text| format!("`{text}`")).collect();
        return Err(Fault::new("allowed", format_args!("must be {}, to the letter", allowed.join(" or "))));
    }
    match field.format {
        Some(TextFormat::Email) if !is_email(text) => {
            Err(Fault::new("email", "must be an e-mail address such as name@example.com").of(text))
        }
        Some(TextFormat::Currency) => check_currency(text),
        _ => Ok(()),
    }
}

fn characters(least: Option<u32>, most: Option<u32>) -> String {
    match (least, most) {
        (Some(least), Some(most)) if least == most => format!("exactly {most} characters"),
        (Some(least), Some(most)) => format!("{least} to {most} characters"),
        (Some(least), None) => format!("at least {least} characters"),
        (None, Some(most)) => format!("at most {most} characters"),
        (None, None) => "any number of characters".to_owned(),
    }
}

/// The rules that every mail server has: one `@` with something before it and a dotted name behind it, no blanks.
/// Stricter rules would refuse addresses that exist.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !local.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !has_blanks(text)
}

fn has_blanks(text: &str) -> bool {
    if text.is_ascii() {
        return text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    }
    text.chars().any(|c| c.is_whitespace() || is_hidden(c))
}

fn check_currency(text: &str) -> Result<(), Fault> {
    thread_local! {
        /// The last valid code: most rows have the currency of the row before.
        static LAST: Cell<[u8; 3]> = const { Cell::new([0; 3]) };
    }
    let code = text.as_bytes().first_chunk().copied().filter(|_| text.len() == 3);
    if code.is_some_and(|code| LAST.get() == code) {
        return Ok(());
    }
    if Currency::from_code(text).is_some() {
        LAST.set(code.unwrap_or_default());
        return Ok(());
    }
    let upper = trimmed(text).to_ascii_uppercase();
    let edge = text.chars().next().into_iter().chain(text.chars().next_back()).find(|c| is_edge(*c));
    // Only a known code is repeated: anything else could be personal data in the wrong column.
    let fault = match (Currency::from_code(&upper), edge) {
        (Some(currency), Some(edge)) => {
            let cure = format!("write {}, or map it with `as: trim`", currency.code());
            Fault::new("currency", format_args!("must be without {} at its ends: {cure}", named(edge)))
        }
        (Some(currency), None) => Fault::new(
            "currency",
            format_args!("must be in upper case: write {}, or map it with `as: upper`", currency.code()),
        ),
        (None, _) => {
            Fault::new("currency", "must be a three-letter ISO 4217 code in upper case, such as USD or EUR")
        }
    };
    Err(fault.of(text))
}

fn check_entries(field: &FieldSpec, count: usize) -> Result<(), Fault> {
    match field.max_entries {
        Some(most) if count > most as usize => {
            Err(Fault::new("length", format_args!("must have at most {most} entries, it has {count}")))
        }
        _ => Ok(()),
    }
}

fn check_entry(field: &FieldSpec, name: &str, value: &Value) -> Result<(), Fault> {
    if name.is_empty() {
        return Err(Fault::new("map", "has an entry without a name"));
    }
    if let Some(most) = field.max_name_length.filter(|&most| name.chars().count() > most as usize) {
        return Err(Fault::new(
            "length",
            format_args!("has an entry whose name is longer than {most} characters"),
        ));
    }
    let length = match value {
        Value::String(text) => text.chars().count(),
        other => other.to_string().chars().count(),
    };
    match field.max_value_length {
        Some(most) if length > most as usize => Err(Fault::new(
            "length",
            format_args!("has an entry `{name}` whose value is longer than {most} characters"),
        )),
        _ => Ok(()),
    }
}
