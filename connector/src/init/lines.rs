//! The lines of a mapping: which column feeds which field, and what is made of its cells.

use std::collections::BTreeMap;

use super::casts::{Chosen, Feeding};
use super::column::Column;
use super::export::{Export, Part, Wanted};
use super::find::{column_of, slip};
use crate::api::{FieldSpec, FieldType, ObjectSpec};
use crate::mapping::columns::PLACEHOLDER;

/// The most labels that are listed.
const LABELS: usize = 60;

/// A line of the mapping.
#[derive(Debug)]
pub(super) struct MappingLine<'c> {
    /// The field, or an entry of one.
    pub(super) target: String,
    pub(super) from: From<'c>,
    /// The part of a person's name: what it is split by, and which part is taken, one after the other.
    pub(super) splits: Vec<(&'static str, &'static str)>,
    /// The labels of the column, each with how often it occurs.
    pub(super) labels: Option<BTreeMap<&'c str, usize>>,
    pub(super) cast: Chosen,
    pub(super) notes: Vec<String>,
    /// What a user has to write in it.
    pub(super) edit: Option<String>,
    pub(super) warning: Option<String>,
    /// The other column that a template reads.
    pub(super) instead: Option<&'c Column>,
    /// Rows have no value for it, so many, of a field that every row needs.
    pub(super) missing: usize,
}

/// Where the values of a line come from.
#[derive(Debug)]
pub(super) enum From<'c> {
    Column(&'c Column),
    /// A template, and the column whose rows without a value have none.
    Template(String, &'c Column),
    Placeholder,
}

/// What the lines are made of.
pub(super) struct LineMaker<'c> {
    pub(super) object: &'static ObjectSpec,
    pub(super) columns: &'c [Column],
    pub(super) export: Option<&'c Export>,
    /// The rows that are meant.
    pub(super) kept: &'c [bool],
}

impl<'c> LineMaker<'c> {
    /// The lines for what the export wants, then for fields that columns are named after.
    pub(super) fn all(&self) -> Vec<MappingLine<'c>> {
        let mut lines: Vec<MappingLine<'c>> = Vec::new();
        let wanted = self.export.map(|export| export.mapping.as_slice()).unwrap_or_default();
        for wanted in wanted {
            if !self.has_other(&lines, &wanted.field) {
                lines.extend(self.wanted(wanted));
            }
        }
        let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted.field == name);
        for field in self.object.fields.iter().filter(|field| !is_wanted(field.name)) {
            let column =
                column_of(self.columns, &[field.name]).or_else(|| self.slip(&Wanted::of(field.name)));
            if let Some(column) = column.filter(|_| !self.has_other(&lines, field.name)) {
                lines.push(self.line(field.name.to_owned(), field, column, &Wanted::of(field.name)));
            }
        }
        lines.extend(self.entries(&lines));
        lines
    }

    /// The column that has the currencies of the object's amounts.
    pub(super) fn currency(&self) -> Option<&'c Column> {
        let field = self.object.fields.iter().find_map(|field| field.currency_field)?;
        column_of(self.columns, &[field.name]).or_else(|| {
            let wanted = self.export?.mapping.iter().find(|wanted| wanted.field == field.name)?;
            column_of(self.columns, &wanted.columns)
        })
    }

    /// The names of the fields that every row needs and no line feeds; of a group, all its fields as one.
    pub(super) fn lacking(&self, lines: &[MappingLine<'_>]) -> Vec<Vec<&'static FieldSpec>> {
        let fed = |field: &FieldSpec| lines.iter().any(|line| line.target == field.name);
        let required = self.object.fields.iter().filter(|field| field.required && !fed(field));
        let groups = self.object.exactly_one_of.iter().map(|group| group.fields.to_vec());
        required
            .map(|field| vec![*field])
            .chain(groups.filter(|group| !group.iter().any(|field| fed(field))))
            .collect()
    }

    /// Another field of the same group is fed: a row has exactly one of them.
    fn has_other(&self, lines: &[MappingLine<'_>], name: &str) -> bool {
        let groups = self.object.exactly_one_of.iter();
        let mut groups = groups.filter(|group| group.fields.iter().any(|field| field.name == name));
        groups
            .any(|group| lines.iter().any(|line| group.fields.iter().any(|field| field.name == line.target)))
    }

    fn column(&self, wanted: &Wanted) -> Option<&'c Column> {
        let found =
            column_of(self.columns, &[&wanted.field]).or_else(|| column_of(self.columns, &wanted.columns));
        found.filter(|column| column.values(self.kept).next().is_some())
    }

    /// A column whose name is a slip of the pen away from the field's; not where the export is known.
    fn slip(&self, wanted: &Wanted) -> Option<&'c Column> {
        if self.export.is_some_and(Export::is_recognised) {
            return None;
        }
        slip(self.columns, &[&wanted.field]).or_else(|| slip(self.columns, &wanted.columns))
    }

    fn wanted(&self, wanted: &Wanted) -> Option<MappingLine<'c>> {
        let name = wanted.field.split('.').next().unwrap_or_default();
        let field = self.object.field(name)?;
        let target = wanted.field.clone();
        if let Some(column) = self.column(wanted).or_else(|| self.slip(wanted)) {
            let mut line = self.line(target, field, column, wanted);
            if line.missing > 0
                && let Some(other) = column_of(self.columns, &wanted.otherwise)
                && let (Some(first), Some(second)) = (in_template(&column.name), in_template(&other.name))
            {
                line.from = From::Template(format!("{{{{ {first}|default({second}) }}}}"), other);
                line.missing = other.missing(self.kept);
                line.instead = Some(column);
            }
            return Some(line);
        }
        if let (Some(part), Some(column)) = (wanted.part, column_of(self.columns, &wanted.people)) {
            let mut line = self.line(target, field, column, wanted);
            line.splits = name_part(part, column, self.kept);
            line.cast = Chosen::default();
            return Some(line);
        }
        let edit = wanted.edit.clone()?;
        let filler = wanted.filler.as_ref().and_then(|filler| {
            let column = column_of(self.columns, &filler.columns)?;
            let template = format!("{}{{{{ {} }}}}", filler.before, in_template(&column.name)?);
            Some((From::Template(template, column), column.missing(self.kept)))
        });
        let (from, missing) = filler.unwrap_or((From::Placeholder, 0));
        Some(MappingLine { from, edit: Some(edit), missing, ..MappingLine::of(target) })
    }

    fn line(
        &self,
        target: String,
        field: &'static FieldSpec,
        column: &'c Column,
        wanted: &Wanted,
    ) -> MappingLine<'c> {
        let is_key = self.object.identity.iter().any(|identity| identity.field == field)
            || self.object.operations.iter().any(|operation| operation.path_fields.contains(&field));
        let is_entry = target.contains('.');
        let feeding = Feeding {
            field,
            column,
            kept: self.kept,
            currency: self.currency().filter(|_| field.currency_field.is_some()),
            main_unit: wanted.r#as.is_some(),
            zone: wanted.zone.as_deref(),
            is_key,
        };
        let cast = if is_entry { Chosen::default() } else { feeding.choose() };
        let labels = if wanted.translate { column.labels(self.kept, LABELS) } else { None };
        let warning = wanted
            .warning
            .as_ref()
            .filter(|warning| column.values(self.kept).any(|value| value.starts_with(&warning.begins)));
        let one_of = self.object.exactly_one_of.iter().any(|group| group.fields.contains(&field));
        let missing = if field.required || one_of { column.missing(self.kept) } else { 0 };
        let mut notes: Vec<String> = wanted.note.iter().cloned().collect();
        let one = std::slice::from_ref(column);
        if column_of(one, &[&wanted.field]).or_else(|| column_of(one, &wanted.columns)).is_none()
            && wanted.people.is_empty()
        {
            notes.push(format!("EDIT? The name of `{}` is near; look whether it is meant.", column.name));
        }
        notes.extend(several(column_of(self.columns, &wanted.currencies), self.kept));
        MappingLine {
            from: From::Column(column),
            labels,
            cast,
            notes,
            warning: warning.map(|warning| warning.text.clone()),
            missing,
            ..MappingLine::of(target)
        }
    }

    /// Columns that are named like entries of a field.
    fn entries(&self, lines: &[MappingLine<'_>]) -> Vec<MappingLine<'c>> {
        let entry = |column: &'c Column| {
            let (field, entry) = column.name.split_once('.')?;
            let field = self.object.field(field)?;
            let is_map = matches!(field.kind, FieldType::Map | FieldType::CustomFields);
            let is_free = !lines.iter().any(|line| line.target == column.name || line.target == field.name);
            (is_map && is_free && !entry.is_empty())
                .then(|| self.line(column.name.clone(), field, column, &Wanted::of(&column.name)))
        };
        self.columns.iter().filter_map(entry).collect()
    }
}

impl MappingLine<'_> {
    fn of(target: String) -> Self {
        Self {
            target,
            from: From::Placeholder,
            splits: Vec::new(),
            labels: None,
            cast: Chosen::default(),
            notes: Vec::new(),
            edit: None,
            warning: None,
            instead: None,
            missing: 0,
        }
    }

    /// A column of its own feeds it.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self.from, From::Column(_)) && self.splits.is_empty()
    }

    /// The column that it reads.
    pub(super) fn column(&self) -> Option<&Column> {
        match &self.from {
            From::Column(column) | From::Template(_, column) => Some(column),
            From::Placeholder => None,
        }
    }

    /// A user has to write something in it before it can be sent.
    pub(super) fn has_placeholder(&self) -> bool {
        match &self.from {
            From::Template(text, _) => text.contains(PLACEHOLDER),
            From::Placeholder => true,
            From::Column(_) => false,
        }
    }
}

/// How a part of a person's name is taken out of a column. Exports write several people with `;` between them, and an id or an
/// address in parentheses behind each; some put the last name first, with a comma behind it.
fn name_part(part: Part, column: &Column, kept: &[bool]) -> Vec<(&'static str, &'static str)> {
    let mut splits: Vec<(&str, &str)> = Vec::new();
    for by in [";", " ("] {
        if column.values(kept).any(|cell| cell.contains(by)) {
            splits.push((by, "first"));
        }
    }
    let name = |cell: &str| cell.split([';', '(']).next().unwrap_or_default().trim().to_owned();
    let swapped = column.values(kept).all(|cell| name(cell).contains(", "));
    let single = column.values(kept).any(|cell| !name(cell).contains(' '));
    splits.push(match part {
        Part::First if swapped => (", ", "rest"),
        Part::Last if swapped => (", ", "first"),
        Part::First => (" ", "first"),
        // The one word of a name is all that there is of it.
        Part::Last if single => (" ", "last"),
        Part::Last => (" ", "rest"),
    });
    splits
}

/// What is to be said where amounts without a currency are of several.
fn several(currencies: Option<&Column>, kept: &[bool]) -> Option<String> {
    let column = currencies?;
    let codes = column.labels(kept, LABELS).filter(|codes| codes.len() > 1)?;
    let codes: Vec<&str> = codes.into_keys().collect();
    Some(format!(
        "EDIT? The amounts are of several currencies ({}), and are sent without one. To send those of one alone, add a \
         condition on `{}` under `where`.",
        codes.join(", "),
        column.name
    ))
}

/// The name that a template has for a column, if it can have one.
fn in_template(name: &str) -> Option<String> {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_'));
    plain.then(|| name.to_ascii_lowercase().replace(' ', "_"))
}
