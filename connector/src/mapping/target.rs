//! What a value goes to: a field, or an entry of one.

use std::hash::{Hash, Hasher};

use super::field_names::has_entries;
use crate::api::{FieldSpec, ObjectSpec};
use crate::error::{Place, SetupError};
use crate::text::names::near;

/// A field, or an entry of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) field: &'static FieldSpec,
    pub(super) entry: Option<String>,
}

impl Hash for Target {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.field.name.hash(state);
        self.entry.hash(state);
    }
}

impl Target {
    /// The target that a person wrote, there if in a file.
    pub(super) fn parse(
        object: &'static ObjectSpec,
        text: &str,
        place: Option<&Place>,
    ) -> Result<Self, SetupError> {
        if let Some(field) = object.field(text) {
            return Ok(Self { field, entry: None });
        }
        if let Some((name, entry)) = text.split_once('.') {
            match object.field(name) {
                Some(field) if has_entries(field) && !entry.is_empty() => {
                    return Ok(Self { field, entry: Some(entry.to_owned()) });
                }
                Some(field) if !has_entries(field) => {
                    return Err(SetupError::new(format!(
                        "the field `{name}` of {} has no entries",
                        object.name
                    ))
                    .at(place)
                    .help(format_args!("map to `{name}` itself")));
                }
                _ => {}
            }
        }
        let names: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
        Err(SetupError::new(format!("{} have no field `{text}`", object.name))
            .at(place)
            .help(near(text, &names)))
    }

    /// As a mapping names it.
    pub(super) fn name(&self) -> String {
        match &self.entry {
            Some(entry) => format!("{}.{entry}", self.field.name),
            None => self.field.name.to_owned(),
        }
    }
}
