//! Which column feeds which field, resolved once before the first row.

use serde_json::Value;

use super::cast::Cast;
use crate::api::{FieldSpec, FieldType, ObjectSpec};
use crate::error::{Place, SetupError};
use crate::row::value::Cell;
use crate::row::{Record, Row};
use crate::text::names::{near, near_column, same_name};

/// Where the value of a destination comes from, as a user wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// The destination: a field, or an entry of one (`meta.plan`).
    pub target: String,
    /// The column or constant.
    pub from: Origin,
    /// What is done with it.
    pub cast: Option<Cast>,
    /// Where it is written, if in a file.
    pub place: Option<Place>,
}

/// A column or a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The column of that name.
    Column(String),
    /// The same value for every row.
    Constant(Value),
}

/// The mapping of one sync.
#[derive(Debug)]
pub struct Mapping {
    object: &'static ObjectSpec,
    feeds: Vec<ResolvedFeed>,
    /// The number of the feed of a whole field, by the field's place in its object.
    whole: Vec<Option<usize>>,
    /// The numbers of the feeds of entries of fields.
    entries: Vec<usize>,
    /// Names of JSON records that match a field feed it, where nothing else does.
    by_name: bool,
    /// Columns that feed nothing.
    unmapped: Vec<String>,
}

/// A cell of a row, and the cast that the mapping has for it.
pub(crate) struct Fed<'r> {
    pub(crate) cell: Cell<'r>,
    pub(crate) cast: Option<&'r Cast>,
}

/// A feed whose names are found in the object and the source.
#[derive(Debug)]
struct ResolvedFeed {
    target: Target,
    from: ResolvedOrigin,
    cast: Option<Cast>,
}

#[derive(Debug)]
enum ResolvedOrigin {
    /// A column of a CSV file.
    Position(usize),
    /// A property of JSON records.
    Property(String),
    Constant(Value),
}

/// A field, or an entry of one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    field: &'static FieldSpec,
    entry: Option<String>,
}

impl Mapping {
    /// Resolves a mapping against the columns of a source (`None`: JSON, whose names are known row by row).
    ///
    /// `explicit` replaces the matching by name, `additional` only goes before it.
    pub fn resolve(
        object: &'static ObjectSpec,
        explicit: Option<&[Feed]>,
        additional: &[Feed],
        columns: Option<&[String]>,
    ) -> Result<Self, SetupError> {
        let mut mapping = Self {
            object,
            feeds: Vec::new(),
            whole: vec![None; object.fields.len()],
            entries: Vec::new(),
            by_name: false,
            unmapped: Vec::new(),
        };
        for feed in additional {
            let resolved = feed.resolve(object, columns)?;
            if mapping.feeds.iter().any(|known| known.target == resolved.target) {
                let message = format!("`{}` is mapped to more than one column", feed.target);
                return Err(SetupError::new(message).help("keep one --map of it"));
            }
            mapping.feeds.push(resolved);
        }
        for feed in explicit.unwrap_or_default() {
            let resolved = feed.resolve(object, columns)?;
            if mapping.feeds.iter().all(|known| known.target != resolved.target) {
                mapping.feeds.push(resolved);
            }
        }
        match (explicit, columns) {
            (Some(_), _) => {}
            (None, None) => mapping.by_name = true,
            (None, Some(columns)) => mapping.match_columns(columns)?,
        }
        if let Some(columns) = columns {
            mapping.unmapped = columns
                .iter()
                .enumerate()
                .filter(|(position, name)| {
                    let fed = |feed: &ResolvedFeed| matches!(feed.from, ResolvedOrigin::Position(at) if at == *position);
                    !name.is_empty() && !mapping.feeds.iter().any(fed)
                })
                .map(|(_, name)| name.clone())
                .collect();
        }
        mapping.refuse_overlaps()?;
        for (number, ResolvedFeed { target, .. }) in mapping.feeds.iter().enumerate() {
            match (&target.entry, mapping.whole.get_mut(target.field.index)) {
                (None, Some(whole)) => *whole = Some(number),
                _ => mapping.entries.push(number),
            }
        }
        Ok(mapping)
    }

    /// The columns that feed nothing, as far as they are known before the first row.
    #[must_use]
    pub fn unmapped(&self) -> &[String] {
        &self.unmapped
    }

    /// Something may feed the field: a column, a constant, or a name of a JSON record.
    #[must_use]
    pub fn may_feed(&self, field: &FieldSpec) -> bool {
        self.by_name || self.feeds(field)
    }

    /// A column or a constant feeds the field.
    #[must_use]
    pub fn feeds(&self, field: &FieldSpec) -> bool {
        self.feeds.iter().any(|feed| feed.target.field == field)
    }

    /// What the mapping feeds to entries of fields.
    pub(crate) fn entries<'r>(
        &'r self,
        row: &'r Row,
    ) -> impl Iterator<Item = (&'static FieldSpec, &'r str, Fed<'r>)> {
        let feeds = self.entries.iter().filter_map(|number| self.feeds.get(*number));
        feeds.filter_map(|feed| Some((feed.target.field, feed.target.entry.as_deref()?, feed.read(row)?)))
    }

    /// What the names of a JSON record feed: fields, and entries of fields.
    pub(crate) fn named<'r>(
        &'r self,
        row: &'r Row,
    ) -> impl Iterator<Item = (&'static FieldSpec, Option<&'r str>, Cell<'r>)> {
        let object = match &row.record {
            Record::Object(object) if self.by_name => Some(object),
            _ => None,
        };
        object.into_iter().flatten().filter_map(|(name, value)| {
            let (field, entry) = target_named(self.object, name)?;
            let fed =
                |feed: &ResolvedFeed| feed.target.field == field && feed.target.entry.as_deref() == entry;
            // What is mapped explicitly comes before what is mapped by name.
            if self.feeds.iter().any(fed) {
                return None;
            }
            Some((field, entry, Cell::from_json(value)?))
        })
    }

    /// The object whose fields are fed.
    pub(crate) fn object(&self) -> &'static ObjectSpec {
        self.object
    }

    /// A column, a property or a constant feeds the whole field.
    pub(crate) fn feeds_whole(&self, field: &FieldSpec) -> bool {
        self.whole.get(field.index).is_some_and(Option::is_some)
    }

    /// What is fed to a whole field.
    pub(crate) fn whole<'r>(&'r self, field: &FieldSpec, row: &'r Row) -> Option<Fed<'r>> {
        let number = (*self.whole.get(field.index)?)?;
        self.feeds.get(number)?.read(row)
    }

    /// Says whether a name of a JSON record feeds anything.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        let by_property = |feed: &ResolvedFeed| matches!(&feed.from, ResolvedOrigin::Property(property) if property == name);
        self.feeds.iter().any(by_property) || (self.by_name && target_named(self.object, name).is_some())
    }

    fn match_columns(&mut self, columns: &[String]) -> Result<(), SetupError> {
        let mut matched: Vec<(Target, &str)> = Vec::new();
        for (position, name) in columns.iter().enumerate() {
            let Some((field, entry)) = target_named(self.object, name) else { continue };
            let target = Target { field, entry: entry.map(str::to_owned) };
            if let Some((_, other)) = matched.iter().find(|(known, _)| *known == target) {
                return Err(SetupError::new(format!(
                    "the columns `{other}` and `{name}` both match the field `{}`",
                    target.name()
                ))
                .help(format_args!(
                    "take one of them out, or say which one counts: --map {}=COLUMN",
                    target.name()
                )));
            }
            matched.push((target.clone(), name));
            if self.feeds.iter().all(|feed| feed.target != target) {
                self.feeds.push(ResolvedFeed {
                    target,
                    from: ResolvedOrigin::Position(position),
                    cast: None,
                });
            }
        }
        Ok(())
    }

    /// A whole field and an entry of it cannot both be fed: one would overwrite the other.
    fn refuse_overlaps(&self) -> Result<(), SetupError> {
        let whole = self.feeds.iter().filter(|feed| feed.target.entry.is_none());
        for line in whole {
            let field = line.target.field;
            if let Some(part) =
                self.feeds.iter().find(|l| l.target.field == field && l.target.entry.is_some())
            {
                return Err(SetupError::new(format!(
                    "both `{}` and its entry `{}` are mapped",
                    field.name,
                    part.target.name()
                ))
                .help("map either the whole field or its entries"));
            }
        }
        Ok(())
    }
}

impl ResolvedFeed {
    fn read<'r>(&'r self, row: &'r Row) -> Option<Fed<'r>> {
        let cell = match (&self.from, &row.record) {
            (ResolvedOrigin::Constant(value), _) => Cell::from_json(value),
            (ResolvedOrigin::Position(position), Record::Cells(cells)) => {
                cells.get(*position).and_then(Cell::from_text)
            }
            (ResolvedOrigin::Property(name), Record::Object(object)) => {
                object.get(name).and_then(Cell::from_json)
            }
            _ => None,
        };
        Some(Fed { cell: cell?, cast: self.cast.as_ref() })
    }
}

impl Feed {
    fn resolve(
        &self,
        object: &'static ObjectSpec,
        columns: Option<&[String]>,
    ) -> Result<ResolvedFeed, SetupError> {
        Ok(ResolvedFeed {
            target: Target::parse(object, self)?,
            from: self.origin(columns)?,
            cast: self.cast.clone(),
        })
    }

    fn origin(&self, columns: Option<&[String]>) -> Result<ResolvedOrigin, SetupError> {
        match (&self.from, columns) {
            (Origin::Constant(value), _) => Ok(ResolvedOrigin::Constant(value.clone())),
            (Origin::Column(name), None) => Ok(ResolvedOrigin::Property(name.clone())),
            (Origin::Column(name), Some(columns)) => {
                if let Some(position) = columns.iter().position(|column| column == name) {
                    return Ok(ResolvedOrigin::Position(position));
                }
                let (place, target) = (self.place.as_ref(), &self.target);
                Err(SetupError::new(format!(
                    "`{target}` is mapped to the column `{name}`, which the source does not have"
                ))
                .at(place)
                .help(near_column(name, columns)))
            }
        }
    }
}

impl Target {
    fn parse(object: &'static ObjectSpec, feed: &Feed) -> Result<Self, SetupError> {
        let (place, text) = (feed.place.as_ref(), feed.target.as_str());
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

    fn name(&self) -> String {
        match &self.entry {
            Some(entry) => format!("{}.{entry}", self.field.name),
            None => self.field.name.to_owned(),
        }
    }
}

fn has_entries(field: &FieldSpec) -> bool {
    matches!(field.kind, FieldType::Map | FieldType::CustomFields)
}

/// The field, or the entry of one, that a column's name means: regardless of case, blanks, `-` and `_`.
fn target_named<'n>(
    object: &'static ObjectSpec,
    name: &'n str,
) -> Option<(&'static FieldSpec, Option<&'n str>)> {
    // Most names are written as the field's own, which is found faster.
    let same = || object.fields.iter().copied().find(|field| same_name(field.name, name));
    if let Some(field) = object.field(name).or_else(same) {
        return Some((field, None));
    }
    let (field, entry) = name.split_once('.')?;
    let field =
        object.fields.iter().copied().find(|known| has_entries(known) && same_name(known.name, field))?;
    (!entry.is_empty()).then_some((field, Some(entry)))
}
