//! Translations: the words of a source become those of the API. What has none is never sent as it is.

use std::collections::HashMap;

use serde_json::Value;

use crate::row::fault::Fault;
use crate::row::value::Cell;
use crate::text::names::near;
use crate::text::printable::printable;

/// The rule that a value without a translation breaks.
pub const UNTRANSLATED: &str = "values";

/// The most characters of a value that a message shows.
const SHOWN: usize = 60;
/// The most words that are held against one without a translation.
const NEAR: usize = 200;

/// Values and what takes their place.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    values: HashMap<String, Value>,
}

impl Translation {
    /// These values, and what takes the place of each; null: no value does.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self { values: values.into_iter().collect() }
    }

    /// What takes the place of a value.
    pub(super) fn translate<'r>(&'r self, cell: &Cell<'_>) -> Result<Option<Cell<'r>>, Fault> {
        let text = match cell {
            Cell::Json(value) => match value.as_ref() {
                Value::Bool(true) => "true".into(),
                Value::Bool(false) => "false".into(),
                _ => cell.as_text().unwrap_or_default(),
            },
            _ => cell.as_text().unwrap_or_default(),
        };
        match self.values.get(text.as_ref()) {
            Some(value) => Ok(Cell::from_json(value)),
            None => Err(self.missing(&text)),
        }
    }

    fn missing(&self, text: &str) -> Fault {
        let mut known: Vec<&str> = self.values.keys().map(String::as_str).collect();
        known.sort_unstable();
        known.truncate(NEAR);
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push_str("...");
        }
        let help = printable(&near(&shown, &known));
        let shown = printable(&shown);
        Fault::new(
            UNTRANSLATED,
            format_args!("has the value `{shown}`, for which `values` has no translation: {help}"),
        )
    }
}
