//! A row as it came in: a number and a record, nothing judged yet.

use serde_json::{Map, Value};

/// One data record of a source.
#[derive(Clone)]
pub struct Row {
    /// Its number among the data records, from 1.
    pub number: u64,
    /// What it holds.
    pub record: Record,
    /// The id of the entry that it is, in a failures file.
    pub entry: Option<Box<str>>,
}

/// What a row holds. It may be personal data, so it cannot be printed by accident: there is no `Debug`.
#[derive(Clone)]
pub enum Record {
    /// Cells by the position of their column.
    Cells(Cells),
    /// A JSON object.
    Object(Map<String, Value>),
}

impl Record {
    /// About how many bytes it holds.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Cells(cells) => cells.text.len(),
            Self::Object(object) => object.iter().map(|(name, value)| name.len() + size_of_json(value)).sum(),
        }
    }
}

fn size_of_json(value: &Value) -> usize {
    let within = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size_of_json).sum(),
        Value::Object(object) => object.iter().map(|(name, value)| name.len() + size_of_json(value)).sum(),
    };
    size_of::<Value>() + within
}

/// The cells of a CSV record, in one piece of text.
#[derive(Clone, Default)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// Cells one after the other in `text`, each up to its entry in `ends`. One that ends in the middle of a character,
    /// or before it began, is no cell.
    #[must_use]
    pub fn new(text: String, ends: Vec<usize>) -> Self {
        Self { text, ends }
    }

    /// The cell of the column at `position`.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<&str> {
        let start = match position.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.text.get(start..*self.ends.get(position)?)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|position| self.get(position))
    }
}

impl<S: AsRef<str>> FromIterator<S> for Cells {
    fn from_iter<I: IntoIterator<Item = S>>(cells: I) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for cell in cells {
            text.push_str(cell.as_ref());
            ends.push(text.len());
        }
        Self { text, ends }
    }
}
