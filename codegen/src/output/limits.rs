//! The limits of a field in words, for doc comments and the reference.

use super::digits::group;
use crate::model::Field;
use crate::syntax::field::{FieldType, Format, Unit};

/// Each limit as a part of a sentence: `at most 100 characters`.
pub(crate) fn limits(field: &Field) -> Vec<String> {
    let mut limits = Vec::new();
    let each = if field.kind == FieldType::Strings { "each " } else { "" };
    limits.extend(
        range(field.min_length.map(i64::from), field.max_length.map(i64::from), " characters")
            .map(|range| format!("{each}{range}")),
    );
    let unit = match (field.unit, field.kind) {
        (Some(Unit::Cents), _) => " cents",
        (None, FieldType::Timestamp) => " epoch milliseconds",
        _ => "",
    };
    match range(field.minimum, field.maximum, unit) {
        Some(range) => limits.push(range),
        None if unit.is_empty() => {}
        None => limits.push(format!("in{unit}")),
    }
    limits.extend(field.format.map(|format| {
        let format = match format {
            Format::Email => "an e-mail address",
            Format::Currency => "an ISO 4217 code in upper case",
        };
        format!("{each}{format}")
    }));
    if !field.allowed.is_empty() {
        let allowed: Vec<String> = field.allowed.iter().map(|text| format!("`{text}`")).collect();
        limits.push(format!("{each}{}", allowed.join(" or ")));
    }
    limits.extend(range(None, field.max_entries.map(i64::from), " entries"));
    limits.extend(range(None, field.max_name_length.map(i64::from), " characters in a name"));
    limits.extend(range(None, field.max_value_length.map(i64::from), " characters in a value"));
    limits
}

/// `4 to 255 characters`.
fn range(low: Option<i64>, high: Option<i64>, unit: &str) -> Option<String> {
    let shown = |number: i64| {
        let digits = group(&number.unsigned_abs().to_string());
        format!("{}{}", if number < 0 { "-" } else { "" }, digits.replace('_', ","))
    };
    match (low, high) {
        (Some(low), Some(high)) if low == high => Some(format!("exactly {}{unit}", shown(high))),
        (Some(low), Some(high)) => Some(format!("{} to {}{unit}", shown(low), shown(high))),
        (Some(low), None) => Some(format!("at least {}{unit}", shown(low))),
        (None, Some(high)) => Some(format!("at most {}{unit}", shown(high))),
        (None, None) => None,
    }
}
