//! The text of a sync file, with comments that say what was found and what is to be done.

use std::fmt::Write as _;

use super::find::candidates;
use super::key::{ChosenKey, rows};
use super::lines::{From, MappingLine};
use super::sample::Sample;
use super::yaml::{comment, quoted};
use crate::api::mode::Mode;
use crate::api::{FieldSpec, ObjectSpec};
use crate::mapping::columns::PLACEHOLDER;

/// What a sync file is made of.
pub(super) struct Parts<'c> {
    pub(super) title: Option<&'c str>,
    pub(super) object: &'static ObjectSpec,
    /// The object was told by the columns.
    pub(super) guessed: bool,
    pub(super) mode: Option<Mode>,
    /// How the file names the source.
    pub(super) named: &'c str,
    pub(super) sample: &'c Sample,
    pub(super) key: ChosenKey,
    pub(super) wheres: Vec<WhereLine>,
    pub(super) lines: Vec<MappingLine<'c>>,
    pub(super) lacking: Vec<Vec<&'static FieldSpec>>,
    pub(super) kept: &'c [bool],
}

/// A condition on a column, as it is written.
pub(super) struct WhereLine {
    pub(super) column: String,
    pub(super) written: String,
    pub(super) note: Option<String>,
}

/// The text, and what a user should know of it at once.
pub(super) fn text(parts: &Parts<'_>) -> (String, Vec<String>) {
    let mut file = File { text: String::new(), warnings: Vec::new(), parts };
    file.head();
    file.conditions();
    file.mapping();
    file.unused();
    (file.text, file.warnings)
}

struct File<'p, 'c> {
    text: String,
    warnings: Vec<String>,
    parts: &'p Parts<'c>,
}

impl File<'_, '_> {
    fn comment(&mut self, indent: usize, text: &str) {
        self.text.push_str(&comment(indent, text));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn head(&mut self) {
        let Parts { object, mode, named, sample, key, title, .. } = self.parts;
        let read = rows(sample);
        let what = title.unwrap_or("unknown export: columns were matched to fields by their names");
        self.comment(
            0,
            &format!(
                "A sync of `{named}` ({what}), made by `partnerstack init` out of its header and the {read}."
            ),
        );
        self.comment(0, "What needs a look is marked with EDIT. `partnerstack sync THIS FILE --dry-run` shows what it would send.");
        self.text.push('\n');
        if self.parts.guessed {
            self.comment(0, "The object was told by the columns; --object says another.");
        }
        self.line(&format!("object: {}", object.name));
        if let Some(mode) = mode {
            self.line(&format!("mode: {}", mode.name()));
        }
        self.line(&format!("source: {}", quoted(named)));
        let options = &sample.options;
        for (name, value) in [("encoding", &options.encoding), ("records", &options.records)] {
            if let Some(value) = value {
                self.line(&format!("{name}: {}", quoted(value)));
            }
        }
        if sample.unreadable > 0 {
            let note = format!(
                "{} rows could not be read: `partnerstack sync --dry-run` says why.",
                sample.unreadable
            );
            self.comment(0, &note);
            self.warnings.push(note);
        }
        self.comment(0, &key.note);
        self.line(&format!("primary_key: {}", key.written));
        let read = self.parts.lines.iter().filter_map(MappingLine::column);
        let mut nulls: Vec<&str> = read.flat_map(super::column::Column::nulls).collect();
        nulls.sort_unstable();
        nulls.dedup();
        if !nulls.is_empty() {
            self.comment(0, "Texts that stand for no value.");
            // Quoted even where a reader of YAML would take it for a null.
            let nulls: Vec<String> = nulls.into_iter().map(|null| format!("'{null}'")).collect();
            self.line(&format!("null_values: [{}]", nulls.join(", ")));
        }
    }

    fn conditions(&mut self) {
        let wheres = &self.parts.wheres;
        let mut needed: Vec<(&str, String)> = Vec::new();
        for line in self.parts.lines.iter().filter(|line| line.missing > 0) {
            let Some(column) = line.column() else { continue };
            let is_there = |name: &str| name == column.name;
            if wheres.iter().any(|line| is_there(&line.column))
                || needed.iter().any(|(name, _)| is_there(name))
            {
                continue;
            }
            let note = format!(
                "{} of the {} have no `{}`, and `{}` needs a value in every row.",
                line.missing,
                rows(self.parts.sample),
                column.name,
                line.target
            );
            needed.push((column.name.as_str(), note));
        }
        if wheres.is_empty() && needed.is_empty() {
            return;
        }
        self.comment(0, "Rows that do not match are counted as filtered, and not sent.");
        self.line("where:");
        for line in wheres {
            if let Some(note) = &line.note {
                self.comment(2, note);
            }
            self.line(&format!("  {}: {}", quoted(&line.column), line.written));
        }
        let meant = self.parts.kept.iter().filter(|kept| **kept).count();
        if !wheres.is_empty() {
            self.comment(2, &format!("So far {meant} of the {} match.", rows(self.parts.sample)));
            if meant == 0 && self.parts.sample.rows > 0 {
                self.warnings.push(format!(
                    "none of the {} match the conditions under `where`",
                    rows(self.parts.sample)
                ));
            }
        }
        for (column, note) in needed {
            self.comment(2, &note);
            self.line(&format!("  {}: {{empty: false}}", quoted(column)));
        }
    }

    fn mapping(&mut self) {
        self.comment(0, "Destination field: where its value comes from.");
        let nothing = self.parts.lines.is_empty();
        self.line(if nothing { "mapping: {}" } else { "mapping:" });
        for line in &self.parts.lines {
            self.feed(line);
        }
        for fields in &self.parts.lacking {
            self.lacking(fields);
        }
    }

    fn feed(&mut self, line: &MappingLine<'_>) {
        if let Some(warning) = &line.warning {
            self.comment(2, &format!("WARNING: {warning}"));
            self.warnings.push(warning.clone());
        }
        for note in line.notes.iter().chain(&line.cast.notes) {
            self.comment(2, note);
        }
        if let Some(edit) = &line.edit {
            self.comment(2, &format!("EDIT: write {edit}."));
        }
        let mut keys = vec![match &line.from {
            From::Column(column) => ("column", quoted(&column.name)),
            From::Template(template, _) => ("template", format!("\"{template}\"")),
            From::Placeholder => ("value", PLACEHOLDER.to_owned()),
        }];
        let splits: Vec<String> =
            line.splits.iter().map(|(by, take)| format!("{{by: \"{by}\", take: {take}}}")).collect();
        match splits.as_slice() {
            [] => {}
            [only] => keys.push(("split", only.clone())),
            several => keys.push(("split", format!("[{}]", several.join(", ")))),
        }
        keys.extend(line.cast.keys.iter().cloned());
        let target = quoted(&line.target);
        if let Some(labels) = &line.labels {
            self.line(&format!("  {target}:"));
            for (key, value) in keys {
                self.line(&format!("    {key}: {value}"));
            }
            self.line("    values:");
            for label in labels.keys() {
                self.line(&format!("      {}: {}", quoted(label), quoted(label)));
            }
            return;
        }
        match keys.as_slice() {
            [("column", column)] => self.line(&format!("  {target}: {column}")),
            keys => {
                let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                self.line(&format!("  {target}: {{{}}}", keys.join(", ")));
            }
        }
    }

    fn lacking(&mut self, fields: &[&'static FieldSpec]) {
        let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
        self.comment(
            2,
            &format!("EDIT: every row needs {}, and no column was found for it.", names.join(" or ")),
        );
        for field in fields {
            self.comment(2, &format!("{}: {}", field.name, field.description));
        }
        let mut found = Vec::new();
        for field in fields {
            for name in candidates(&self.parts.sample.columns, field.name) {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        if !found.is_empty() {
            let found: Vec<String> = found.into_iter().map(|name| format!("`{name}`")).collect();
            self.comment(2, &format!("Columns that may be meant: {}.", found.join(", ")));
        }
        for field in fields {
            let _ = writeln!(self.text, "  # {}: COLUMN", field.name);
        }
    }

    fn unused(&mut self) {
        let Parts { lines, wheres, key, .. } = self.parts;
        let read = lines.iter().flat_map(|line| [line.column(), line.instead]).flatten();
        let used: Vec<&str> = read
            .map(|column| column.name.as_str())
            .chain(wheres.iter().map(|line| line.column.as_str()))
            .chain(key.column.as_deref())
            .collect();
        let unused = self.parts.sample.columns.iter().filter(|column| !used.contains(&column.name.as_str()));
        let unused: Vec<String> = unused.map(|column| format!("`{}`", column.name)).collect();
        if !unused.is_empty() {
            self.comment(2, &format!("Columns that feed nothing: {}.", unused.join(", ")));
        }
    }
}
