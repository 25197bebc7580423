//! From a source to the text of a sync file.

use std::path::Path;

use super::casts::{cents, decimal_of};
use super::column::Column;
use super::export::{Export, ExportCondition, exports};
use super::find::{column_of, recognised};
use super::key::primary_key;
use super::lines::{LineMaker, MappingLine};
use super::sample::Sample;
use super::text::{Parts, WhereLine, text};
use crate::api::ObjectSpec;
use crate::error::SetupError;
use crate::generated::API;
use crate::mapping::amount::Decimal;
use crate::text::names::near;

/// A sync file that was made out of a source.
#[derive(Debug)]
pub struct Draft {
    /// Its text.
    pub text: String,
    /// What the source was recognised as.
    pub title: Option<String>,
    /// What it is synced to.
    pub object: &'static ObjectSpec,
    /// How many rows were read.
    pub rows: usize,
    /// The fields that a user has to write the value of.
    pub edits: Vec<String>,
    /// The fields that every row needs, and for which no column was found.
    pub lacking: Vec<String>,
    /// What a user should know.
    pub warnings: Vec<String>,
}

/// Makes a sync file for a source. `named` is how the file names it; `object` is what it is synced to, if that was said.
pub fn draft(source: &Path, named: &str, object: Option<&str>) -> Result<Draft, SetupError> {
    let said = object.map(object_named).transpose()?;
    let sample = Sample::read(source)?;
    if sample.columns.is_empty() {
        return Err(SetupError::new(format!("`{named}` has no columns and no rows")));
    }
    let exports = exports(&API)?;
    let of_object = |export: &&Export| said.is_none_or(|object| object.name == export.object);
    let known: Vec<Export> =
        exports.iter().filter(of_object).filter(|export| export.is_recognised()).cloned().collect();
    let any: Vec<&Export> =
        exports.iter().filter(of_object).filter(|export| !export.is_recognised()).collect();
    let (export, object) = match (recognised(&known, &sample.columns), said) {
        (Some(export), _) => (Some(export), object_named(&export.object)?),
        (None, Some(object)) => (any.first().copied(), object),
        (None, None) => guessed(&any, &sample)?,
    };
    let currency = LineMaker { object, columns: &sample.columns, export, kept: &[] }.currency();
    let (wheres, kept) = conditions(export, &sample, currency);
    let lines = LineMaker { object, columns: &sample.columns, export, kept: &kept };
    let feeds = lines.all();
    let lacking = lines.lacking(&feeds);
    let mode = export.map_or_else(
        || object.modes.iter().rev().find(|mode| object.steps(mode.mode).is_ok()).map(|mode| mode.mode),
        |export| Some(export.mode.into()),
    );
    let title = export.filter(|export| export.is_recognised()).map(|export| export.title.clone());
    let key = primary_key(&sample, export, object, &feeds);
    let parts = Parts {
        title: title.as_deref(),
        object,
        guessed: title.is_none() && said.is_none(),
        mode,
        named,
        sample: &sample,
        key,
        wheres,
        lines: feeds,
        lacking,
        kept: &kept,
    };
    let (text, warnings) = text(&parts);
    let edits =
        parts.lines.iter().filter(|line| line.has_placeholder()).map(|line| line.target.clone()).collect();
    let lacking = parts
        .lacking
        .iter()
        .map(|fields| fields.iter().map(|field| field.name).collect::<Vec<_>>().join(" or "));
    Ok(Draft {
        text,
        title: title.clone(),
        object,
        rows: sample.rows,
        edits,
        lacking: lacking.collect(),
        warnings,
    })
}

fn object_named(name: &str) -> Result<&'static ObjectSpec, SetupError> {
    let names: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
    API.object(name)
        .ok_or_else(|| SetupError::new(format!("there is no object `{name}`")).help(near(name, &names)))
}

/// The object of which most fields have a column, those that every row needs above all.
fn guessed<'e>(
    any: &[&'e Export],
    sample: &Sample,
) -> Result<(Option<&'e Export>, &'static ObjectSpec), SetupError> {
    let kept = vec![true; sample.rows];
    let score = |object: &'static ObjectSpec, export: Option<&Export>| {
        let lines = LineMaker { object, columns: &sample.columns, export, kept: &kept };
        let made = lines.all();
        // A name can be of anybody: it tells nothing about what a row is.
        let made: Vec<MappingLine<'_>> = made.into_iter().filter(MappingLine::is_direct).collect();
        let (fed, lacking) = (made.len(), lines.lacking(&made).len());
        let needed =
            object.fields.iter().filter(|field| field.required).count() + object.exactly_one_of.len();
        ((needed.saturating_sub(lacking)) * 100 / needed.max(1), fed)
    };
    let scored = API.objects.iter().map(|object| {
        let export = any.iter().copied().find(|export| export.object == object.name);
        (score(object, export), export, *object)
    });
    let best = scored.filter(|((_, fed), ..)| *fed > 0).max_by_key(|(score, ..)| *score);
    best.map(|(_, export, object)| (export, object)).ok_or_else(|| {
        let columns = sample.columns.iter().take(20).map(|column| format!("`{}`", column.name));
        let objects: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
        SetupError::new(format!(
            "no column is called like a field of any object; there is {}",
            columns.collect::<Vec<_>>().join(", ")
        ))
        .help(format_args!("say what the rows are: --object {}", objects.join(", ")))
    })
}

/// The conditions of an export as far as their columns are there, and which rows of the sample hold to them.
fn conditions(
    export: Option<&Export>,
    sample: &Sample,
    currency: Option<&Column>,
) -> (Vec<WhereLine>, Vec<bool>) {
    let (mut wheres, mut kept) = (Vec::new(), vec![true; sample.rows]);
    let mut warned = Vec::new();
    for condition in export.map(|export| export.r#where.as_slice()).unwrap_or_default() {
        let Some(column) = column_of(&sample.columns, &condition.columns) else { continue };
        if column_of(&sample.columns, &condition.unless).is_some() {
            continue;
        }
        let holds = |row: usize, decimal| match (column.value(row), condition.over) {
            (Some(value), None) => condition.values.iter().any(|known| known.eq_ignore_ascii_case(value)),
            (Some(_), Some(over)) => cents(column, row, decimal, currency).is_some_and(|cents| cents > over),
            (None, _) => false,
        };
        let (decimal, _) = decimal_of(column, &kept, currency);
        let rows = kept.iter().enumerate().map(|(row, kept)| *kept && holds(row, decimal)).collect();
        let written = written(condition, column, decimal);
        warned.push(column.name.clone());
        kept = rows;
        wheres.push(WhereLine { column: column.name.clone(), written, note: condition.note.clone() });
    }
    (wheres, kept)
}

/// A condition as a sync file has it, with the values as the column writes them.
fn written(condition: &ExportCondition, column: &Column, decimal: Decimal) -> String {
    use super::yaml::quoted;
    if let Some(over) = condition.over {
        let mark = if decimal == Decimal::Comma { ", decimal: ','" } else { "" };
        return format!("{{over: {over}{mark}}}");
    }
    let all = vec![true; column.cells.len()];
    let labels = column.labels(&all, 1000).unwrap_or_default();
    let found =
        labels.keys().filter(|label| condition.values.iter().any(|known| known.eq_ignore_ascii_case(label)));
    let found: Vec<String> = found.map(|label| quoted(label)).collect();
    match found.as_slice() {
        [] => condition.values.first().map(|value| quoted(value)).unwrap_or_default(),
        [only] => only.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}
