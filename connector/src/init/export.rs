//! The exports of other systems, as `connector/exports` describes them.

use partnerstack_codegen::source::{Cursor, parse};
use partnerstack_codegen::text::{Place as Written, SourceText};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ApiSpec;
use crate::config::keys::ModeKey;
use crate::error::{Place, SetupError};
use crate::text::names::near;

/// The texts of `connector/exports`, by the names of their files.
static TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/exports.rs"));

/// An export of another system, or what is known of the rows of any: how columns are called, and which fields they feed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// What people call it.
    #[schemars(example = &"Stripe invoices")]
    pub(super) title: String,
    /// The object that its rows are.
    pub(super) object: String,
    /// What happens to the record of a row.
    pub(super) mode: ModeKey,
    /// A file that has all columns of one of these lists is such an export. Left out: rows of any system.
    #[serde(default)]
    #[schemars(example = json!([["Record ID", "Company name"], ["Company ID", "Company name"]]))]
    pub(super) headers: Vec<Vec<String>>,
    /// The columns that may tell records apart, the best first.
    #[schemars(example = json!(["Invoice Number", "Invoice Id"]))]
    pub(super) primary_key: Vec<String>,
    /// Which rows are meant.
    #[serde(default)]
    pub(super) r#where: Vec<ExportCondition>,
    /// The fields, and the columns that may feed them.
    pub(super) mapping: Vec<Wanted>,
}

/// What the rows that are meant have in a column.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportCondition {
    /// The names of the column, the best first.
    pub(super) columns: Vec<String>,
    /// It is left out where one of these columns is there.
    #[serde(default)]
    pub(super) unless: Vec<String>,
    /// The values, in any case of letters.
    #[serde(default)]
    #[schemars(example = json!(["paid"]))]
    pub(super) values: Vec<String>,
    /// It is more than this number.
    pub(super) over: Option<i64>,
    /// Why these rows are meant and no others.
    pub(super) note: Option<String>,
}

/// A field, and the columns that may feed it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The field, or an entry of one. A column of its own name always feeds it.
    pub(super) field: String,
    /// The names of the column, the best first.
    #[serde(default)]
    pub(super) columns: Vec<String>,
    /// Columns that have a person's whole name, of which `part` is taken.
    #[serde(default)]
    pub(super) people: Vec<String>,
    /// The part of a person's name.
    pub(super) part: Option<Part>,
    /// Columns that stand in for rows where the first has no value.
    #[serde(default)]
    pub(super) otherwise: Vec<String>,
    /// Columns that say the currency of an amount that is sent without one.
    #[serde(default)]
    pub(super) currencies: Vec<String>,
    /// Amounts are in the currency's main unit, even where they have no decimals.
    pub(super) r#as: Option<AsCents>,
    /// The zone of times that name none.
    #[schemars(example = &"UTC")]
    pub(super) zone: Option<String>,
    /// The column holds labels, each of which may be called otherwise.
    #[serde(default)]
    pub(super) translate: bool,
    /// What the user has to write where there is no column.
    pub(super) edit: Option<String>,
    /// What stands in until the user has written it, made of a column.
    pub(super) filler: Option<Filler>,
    /// What a user should know.
    pub(super) note: Option<String>,
    /// What a user is warned of.
    pub(super) warning: Option<WarningOf>,
}

impl Wanted {
    /// A field of which nothing is known but its name.
    pub(super) fn of(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            columns: Vec::new(),
            people: Vec::new(),
            part: None,
            otherwise: Vec::new(),
            currencies: Vec::new(),
            r#as: None,
            zone: None,
            translate: false,
            edit: None,
            filler: None,
            note: None,
            warning: None,
        }
    }
}

/// The part of a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// The first word.
    First,
    /// The other words.
    Last,
}

/// Amounts in the main unit become amounts in the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AsCents {
    /// As the cast of that name has it.
    Cents,
}

/// A text with the value of a column behind it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filler {
    /// The names of the column, the best first.
    pub(super) columns: Vec<String>,
    /// What stands before the value.
    pub(super) before: String,
}

/// A warning about what a column holds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WarningOf {
    /// Where a value begins like this.
    #[schemars(example = &"cus_")]
    pub(super) begins: String,
    /// The warning.
    pub(super) text: String,
}

/// The exports that are built in, as far as the API has their objects.
pub fn exports(api: &ApiSpec) -> Result<Vec<Export>, SetupError> {
    let known =
        |text: &str| api.objects.iter().any(|object| text.contains(&format!("\nobject: {}\n", object.name)));
    TEXTS.iter().filter(|(_, text)| known(text)).map(|(name, text)| Export::read(name, text, api)).collect()
}

/// The JSON Schema of the files in `connector/exports`.
#[must_use]
pub fn schema() -> Value {
    partnerstack_codegen::json_schema::schema_of::<Export>("An export of another system")
}

impl Export {
    /// Reads the text of an export, and holds its object, mode and fields against the tables of the API.
    pub fn read(name: &str, text: &str, api: &ApiSpec) -> Result<Self, SetupError> {
        let read = parse::<Self>(&SourceText::new(name, text));
        let (export, document) = read.map_err(|report| SetupError::new(report.to_string()))?;
        let root = document.cursor();
        let objects: Vec<&str> = api.objects.iter().map(|object| object.name).collect();
        let object = api.object(&export.object).ok_or_else(|| {
            let error = SetupError::new(format!("there is no object `{}`", export.object));
            error.at(Some(&place(&root.key("object").place()))).help(near(&export.object, &objects))
        })?;
        object
            .steps(export.mode.into())
            .map_err(|reason| SetupError::new(reason).at(Some(&place(&root.key("mode").place()))))?;
        let fields: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
        for (number, wanted) in export.mapping.iter().enumerate() {
            let at: Cursor<'_> = root.key("mapping").index(number);
            let name = wanted.field.split('.').next().unwrap_or_default();
            if object.field(name).is_none() {
                let error = SetupError::new(format!("{} have no field `{name}`", object.name));
                return Err(error.at(Some(&place(&at.key("field").place()))).help(near(name, &fields)));
            }
        }
        Ok(export)
    }

    /// It is recognised by its header.
    #[must_use]
    pub fn is_recognised(&self) -> bool {
        !self.headers.is_empty()
    }

    /// The names by which it is recognised, in each of the ways.
    #[must_use]
    pub fn headers(&self) -> &[Vec<String>] {
        &self.headers
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }
}

fn place(written: &Written) -> Place {
    let place = Place::file(written.path().into());
    match written.line_and_column() {
        Some((line, column)) => place.at(line, column),
        None => place,
    }
}
