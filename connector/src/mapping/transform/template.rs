//! Templates: a text with the values of several columns in it. They are compiled once, know no loops, and reach nothing
//! but the row.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value as Json;

use crate::row::fault::Fault;
use crate::row::plain_key::trimmed;
use crate::row::value::Cell;
use crate::text::names::near;

/// The name of the one template of an environment.
const NAME: &str = "template";
/// The blocks that a template may have. Without loops it takes as long as it is.
const BLOCKS: [&str; 4] = ["if", "elif", "else", "endif"];
/// What can be done with a value in a template.
const FILTERS: [&str; 5] = ["upper", "lower", "trim", "replace", "default"];
/// Room for most texts, so that they do not grow piece by piece.
const ROOM: usize = 128;
/// The most bytes that a template makes of a row.
const MOST: usize = 1 << 20;

/// A text with the values of columns in it, such as `{{ first }} {{ last }}`.
#[derive(Clone)]
pub struct Template {
    text: String,
    /// The names of the columns that are in it, in alphabetical order.
    names: Arc<[Arc<str>]>,
    environment: Arc<Environment<'static>>,
}

impl Template {
    /// Compiles a template, or says what is wrong with it.
    pub fn compile(text: &str) -> Result<Self, String> {
        if let Some(block) = text.split("{%").skip(1).find_map(forbidden) {
            return Err(format!("has no block `{block}`: there are {}", BLOCKS.join(", ")));
        }
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        // Asked for each row: what comes out is no HTML.
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.add_filter("upper", |text: String| text.to_uppercase());
        environment.add_filter("lower", |text: String| text.to_lowercase());
        environment.add_filter("trim", |text: String| trimmed(&text).to_owned());
        environment.add_filter("replace", |text: String, from: String, to: String| text.replace(&from, &to));
        environment.add_filter(
            "default",
            |value: Value, other: Value| {
                if value.is_undefined() { other } else { value }
            },
        );
        environment.add_template_owned(NAME, text.to_owned()).map_err(|error| sentence(&error))?;
        let compiled = environment.get_template(NAME).map_err(|error| sentence(&error))?;
        let mut names: Vec<Arc<str>> =
            compiled.undeclared_variables(false).into_iter().map(Arc::from).collect();
        names.sort();
        if names.is_empty() {
            return Err("names no column: write a constant as {value: TEXT}".to_owned());
        }
        let template =
            Self { text: text.to_owned(), names: names.into(), environment: Arc::new(environment) };
        template.try_out()?;
        Ok(template)
    }

    /// As it is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The names of the columns that are in it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// The text for a row, whose values come in the order of the names. None where nothing but blanks is left.
    pub(crate) fn render<'r>(
        &self,
        cells: impl Iterator<Item = Option<Cell<'r>>>,
    ) -> Result<Option<Cell<'r>>, Fault> {
        let values = cells.map(|cell| cell.map(value_of)).collect();
        let text = self.fill(values).map_err(|error| {
            // The error's own text may quote the row.
            Fault::new("template", format_args!("cannot be made by its template: {}", error.kind()))
        })?;
        if text.len() > MOST {
            return Err(Fault::new("template", "is longer than 1 MiB as its template makes it"));
        }
        let plain = trimmed(&text);
        Ok(match plain.len() {
            0 => None,
            length if length == text.len() => Some(Cell::Text(text.into())),
            _ => Some(Cell::Text(plain.to_owned().into())),
        })
    }

    fn fill(&self, values: Vec<Option<Value>>) -> Result<String, Error> {
        let row = Properties { names: Arc::clone(&self.names), values };
        let mut text = Vec::with_capacity(ROOM);
        self.environment.get_template(NAME)?.render_captured_to(Value::from_object(row), &mut text)?;
        String::from_utf8(text).map_err(|error| Error::new(ErrorKind::WriteFailure, error.to_string()))
    }

    /// A filter or a function that does not exist is only found when it is called.
    fn try_out(&self) -> Result<(), String> {
        for sample in [Some(Value::from("x")), None] {
            let values = vec![sample; self.names.len()];
            if let Err(error) = self.fill(values)
                && matches!(
                    error.kind(),
                    ErrorKind::UnknownFilter
                        | ErrorKind::UnknownTest
                        | ErrorKind::UnknownFunction
                        | ErrorKind::UnknownMethod
                )
            {
                return Err(sentence(&error));
            }
        }
        Ok(())
    }
}

/// Two of one text do the same.
impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({})", self.text)
    }
}

/// What stands behind `{%` is the name of a block that a template may not have.
fn forbidden(tag: &str) -> Option<String> {
    let tag = tag.strip_prefix(['-', '+']).unwrap_or(tag).trim_start();
    let name: String = tag.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    (!BLOCKS.contains(&name.as_str())).then_some(name)
}

fn sentence(error: &Error) -> String {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    // The name stands within the words of the library.
    let known = match (error.kind(), detail.split(' ').nth(1)) {
        (ErrorKind::UnknownFilter, Some(name)) => format!(": {}", near(name, &FILTERS)),
        _ => String::new(),
    };
    format!("has a fault: {detail}{known}")
}

/// Values by name: a row, or an object in it.
#[derive(Debug)]
struct Properties {
    names: Arc<[Arc<str>]>,
    values: Vec<Option<Value>>,
}

impl Object for Properties {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let place = self.names.iter().position(|name| name.as_ref() == key)?;
        self.values.get(place)?.clone()
    }
}

fn value_of(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Text(text) => Value::from(text.as_ref()),
        Cell::Integer(number) => Value::from(number.to_string()),
        Cell::Json(value) => value_of_json(&value).unwrap_or_default(),
    }
}

/// Numbers are texts here, digit for digit; null is no value.
fn value_of_json(value: &Json) -> Option<Value> {
    match value {
        Json::Null => None,
        Json::Bool(value) => Some(Value::from(if *value { "true" } else { "false" })),
        Json::Number(number) => Some(Value::from(number.to_string())),
        Json::String(text) => Some(Value::from(text.as_str())),
        Json::Array(items) => Some(Value::from(
            items.iter().map(|item| value_of_json(item).unwrap_or_default()).collect::<Vec<_>>().as_slice(),
        )),
        Json::Object(object) => {
            let names: Vec<Arc<str>> = object.keys().map(|name| Arc::from(name.as_str())).collect();
            let values = object.values().map(value_of_json).collect();
            Some(Value::from_object(Properties { names: names.into(), values }))
        }
    }
}
