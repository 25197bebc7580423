//! What the sandbox is told that exists: what is none of it is refused, as the API would refuse it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use crate::api::{ApiSpec, Compare, FieldSpec, Reference};
use crate::error::SetupError;
use crate::row::{Record, Row};
use crate::sandbox::store;
use crate::source::{Input, Source, SourceError, SourceItem, SourceOptions};
use crate::text::names::{near, plain_name};
use crate::text::printable::one_line;

/// The keys that exist, by the list and the property that they are of.
#[derive(Clone, Default)]
pub struct Known {
    keys: BTreeMap<(&'static str, &'static str), HashSet<String>>,
}

impl Known {
    /// There is nothing: every reference is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Reads a file of keys, as `LIST=FILE`, or as `FILE` where its columns tell which list it is. Says what it was taken for.
    pub fn read(&mut self, api: &'static ApiSpec, written: &str) -> Result<String, SetupError> {
        let (list, file) = match written.split_once('=') {
            Some((list, file)) if !Path::new(written).is_file() => (Some(list), file),
            _ => (None, written),
        };
        let shown = one_line(file);
        let input = Input::File(file.into());
        let mut source = Source::open(input, &SourceOptions::default())
            .map_err(|error| SetupError::new(format!("--known `{shown}`: {error}")))?;
        let mut rows = Rows { first: None, source: &mut source };
        let names = rows.names().map_err(|error| SetupError::new(format!("--known `{shown}`: {error}")))?;
        let list = match list {
            Some(list) => list_named(api, list)?,
            None => list_of(api, &names, &shown)?,
        };
        let columns: Vec<(&'static str, usize)> = properties(api, list)
            .into_iter()
            .filter_map(|property| Some((property, position(&names, property)?)))
            .collect();
        if columns.is_empty() {
            let wanted: Vec<&str> = properties(api, list).into_iter().collect();
            let what = format!("--known `{shown}` has no column that {list} are known by");
            return Err(SetupError::new(what).help(format_args!("name a column {}", wanted.join(" or "))));
        }
        let mut read = 0_u64;
        for (property, _) in &columns {
            self.keys.entry((list, property)).or_default();
        }
        while let Some(row) =
            rows.next().map_err(|error| SetupError::new(format!("--known `{shown}`: {error}")))?
        {
            read += 1;
            for (property, column) in &columns {
                let key = match &row.record {
                    Record::Cells(cells) => cells.get(*column).map(str::to_owned),
                    Record::Object(object) => {
                        object.get(names.get(*column).map_or("", String::as_str)).and_then(store::text)
                    }
                };
                let key = key.filter(|key| !key.is_empty());
                if let (Some(key), Some(keys)) = (key, self.keys.get_mut(&(list, *property))) {
                    keys.insert(compared(api, list, property, &key).into_owned());
                }
            }
        }
        let by: Vec<&str> = columns.iter().map(|(property, _)| *property).collect();
        Ok(format!("{list} by {}: {read} rows of `{shown}`", by.join(" and ")))
    }

    /// Whether there is such a key; none where that was not told.
    pub(in crate::sandbox) fn has(&self, api: &ApiSpec, reference: &Reference, key: &str) -> Option<bool> {
        let keys = self.keys.get(&(reference.list, reference.property))?;
        Some(keys.contains(&*compared(api, reference.list, reference.property, key)))
    }
}

/// A key in the one way in which it is compared.
fn compared<'k>(api: &ApiSpec, list: &str, property: &str, key: &'k str) -> Cow<'k, str> {
    let mut identities =
        api.objects.iter().filter(|object| object.name == list).flat_map(|object| object.identity);
    let ignores_case =
        identities.any(|identity| identity.property == property && identity.compare == Compare::IgnoreCase);
    if ignores_case { Cow::Owned(key.to_lowercase()) } else { Cow::Borrowed(key) }
}

/// The rows of a file, the first of which is looked at before.
struct Rows<'s> {
    first: Option<Row>,
    source: &'s mut Source,
}

impl Rows<'_> {
    /// The names of its columns, or of the first JSON record.
    fn names(&mut self) -> Result<Vec<String>, SourceError> {
        if let Some(columns) = self.source.columns() {
            return Ok(columns.to_vec());
        }
        self.first = self.next()?;
        Ok(match self.first.as_ref().map(|row| &row.record) {
            Some(Record::Object(object)) => object.keys().cloned().collect(),
            _ => Vec::new(),
        })
    }

    fn next(&mut self) -> Result<Option<Row>, SourceError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        loop {
            match self.source.read()? {
                Some(SourceItem::Row(row)) => return Ok(Some(row)),
                // What cannot be read names nothing.
                Some(SourceItem::Unreadable(_)) => {}
                None => return Ok(None),
            }
        }
    }
}

fn references(api: &'static ApiSpec) -> impl Iterator<Item = &'static Reference> {
    let fields = api.objects.iter().flat_map(|object| object.fields.iter().copied());
    fields.filter_map(|field: &'static FieldSpec| field.refers_to.as_ref())
}

/// The properties that fields refer to.
fn properties(api: &'static ApiSpec, list: &str) -> BTreeSet<&'static str> {
    references(api).filter(|reference| reference.list == list).map(|reference| reference.property).collect()
}

fn position(names: &[String], property: &str) -> Option<usize> {
    let wanted = plain_name(property);
    names.iter().position(|name| plain_name(name) == wanted)
}

fn lists(api: &'static ApiSpec) -> Vec<&'static str> {
    let lists: BTreeSet<&'static str> = references(api).map(|reference| reference.list).collect();
    lists.into_iter().collect()
}

fn list_named(api: &'static ApiSpec, name: &str) -> Result<&'static str, SetupError> {
    let lists = lists(api);
    lists.iter().copied().find(|list| *list == name).ok_or_else(|| {
        SetupError::new(format!("--known: nothing refers to `{}`", one_line(name))).help(near(name, &lists))
    })
}

/// The list of which alone the file has columns.
fn list_of(api: &'static ApiSpec, names: &[String], shown: &str) -> Result<&'static str, SetupError> {
    let lists = lists(api);
    let fits =
        |list: &&&str| properties(api, list).iter().any(|property| position(names, property).is_some());
    let fitting: Vec<&'static str> = lists.iter().filter(fits).copied().collect();
    match fitting.as_slice() {
        [list] => Ok(list),
        several => {
            let (what, of) = match several {
                [] => ("no column of", lists.as_slice()),
                several => ("more than one list has columns as", several),
            };
            let error =
                SetupError::new(format!("--known `{shown}`: it does not tell what it holds ({what} it)"));
            Err(error.help(format_args!("say which: --known {}={shown}", of.join("|"))))
        }
    }
}
