//! Which column feeds which field, resolved once before the first row.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::cast::Cast;
use super::field_names::FieldNames;
use super::source_column::{NullValues, SourceColumn, SourceColumns, Unfound};
use super::target::Target;
use super::transform::template::Template;
use super::transform::transforms::{Transformed, Transforms, WhenNull};
use crate::api::{FieldSpec, ObjectSpec};
use crate::error::{Place, SetupError, SetupErrors};
use crate::row::fault::Fault;
use crate::row::value::Cell;
use crate::row::{Record, Row};

/// What stands in for a value that only the user knows, until it is written.
pub const PLACEHOLDER: &str = "EDIT-ME";

/// Where the value of a destination comes from, as a user wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// The destination: a field, or an entry of one (`meta.plan`).
    pub target: String,
    /// The column, constant or template.
    pub from: Origin,
    /// What is done with the value first.
    pub transforms: Transforms,
    /// What is done with it then.
    pub cast: Option<Cast>,
    /// Where it is written, if in a file.
    pub place: Option<Place>,
}

/// A column, a constant or a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The column of that name.
    Column(String),
    /// The same value for every row.
    Constant(Value),
    /// A text with the values of columns in it.
    Template(Template),
}

/// The mapping of one sync.
#[derive(Debug)]
pub struct Mapping {
    object: &'static ObjectSpec,
    feeds: Vec<ResolvedFeed>,
    /// What feeds a whole field, by the field's place in its object.
    whole: Vec<Whole>,
    /// The numbers of the feeds of entries of fields.
    entries: Vec<usize>,
    /// The numbers of the feeds whose values are made, once for each row.
    made: Vec<usize>,
    /// Names of JSON records that match a field feed it, where nothing else does.
    by_name: bool,
    field_names: FieldNames,
    /// The properties of JSON records that are mapped, and those on the way to them.
    properties: HashSet<String>,
    /// What stands for no value.
    nulls: NullValues,
    /// The targets of all feeds.
    fed: HashSet<Target>,
    /// Columns that feed nothing.
    unmapped: Vec<String>,
}

/// A cell of a row, and the cast that the mapping has for it.
#[derive(Clone)]
pub(crate) struct Fed<'r> {
    pub(crate) cell: Cell<'r>,
    pub(crate) cast: Option<&'r Cast>,
}

/// What feeds a whole field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Nothing,
    /// A column of a CSV file, as it is.
    Column(usize),
    /// The feed of that number, whenever the field is read.
    Read(usize),
    /// A value that is made once for each row.
    Made,
}

/// A feed whose names are found in the object and the source.
#[derive(Debug)]
struct ResolvedFeed {
    target: Target,
    from: ResolvedOrigin,
    transforms: Transforms,
    cast: Option<Cast>,
}

#[derive(Debug)]
enum ResolvedOrigin {
    Column(SourceColumn),
    Constant(Value),
    /// With the columns that are in it, in the order of its names.
    Template(Template, Vec<SourceColumn>),
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
        let mut faults = SetupErrors::default();
        let mapping = Self::resolve_all(object, explicit, additional, columns, &mut faults);
        faults.finish().map(|()| mapping)
    }

    /// The same where more may be wrong than the mapping: what it lacks is noted, and what is left can be judged.
    pub(crate) fn resolve_all(
        object: &'static ObjectSpec,
        explicit: Option<&[Feed]>,
        additional: &[Feed],
        columns: Option<&[String]>,
        faults: &mut SetupErrors,
    ) -> Self {
        let mut mapping = Self {
            object,
            feeds: Vec::new(),
            whole: vec![Whole::Nothing; object.fields.len()],
            entries: Vec::new(),
            made: Vec::new(),
            by_name: false,
            field_names: FieldNames::of(object),
            properties: HashSet::new(),
            nulls: NullValues::default(),
            fed: HashSet::new(),
            unmapped: Vec::new(),
        };
        let names = SourceColumns::of(columns);
        let mut fed = HashSet::new();
        for feed in additional {
            let Some(resolved) = feed.resolve(object, &names, faults) else { continue };
            if !fed.insert(resolved.target.clone()) {
                let message = format!("`{}` is mapped to more than one column", feed.target);
                faults.add(SetupError::new(message).help("keep one --map of it"));
            }
            mapping.feeds.push(resolved);
        }
        for feed in explicit.unwrap_or_default() {
            let Some(resolved) = feed.resolve(object, &names, faults) else { continue };
            if fed.insert(resolved.target.clone()) {
                mapping.feeds.push(resolved);
            }
        }
        match (explicit, columns) {
            (Some(_), _) => {}
            (None, None) => mapping.by_name = true,
            (None, Some(columns)) => mapping.match_columns(columns, &fed, faults),
        }
        if let Some(columns) = columns {
            let position = |column: &SourceColumn| match column {
                SourceColumn::Position(position) => Some(*position),
                SourceColumn::Property(_) => None,
            };
            let read = mapping.feeds.iter().flat_map(ResolvedFeed::columns);
            let fed: HashSet<usize> = read.filter_map(position).collect();
            let unfed = columns.iter().enumerate();
            let unfed = unfed.filter(|(position, name)| !name.is_empty() && !fed.contains(position));
            mapping.unmapped = unfed.map(|(_, name)| name.clone()).collect();
        }
        mapping.refuse_overlaps(faults);
        for (number, feed) in mapping.feeds.iter().enumerate() {
            let target = &feed.target;
            match (&target.entry, mapping.whole.get_mut(target.field.index)) {
                (None, Some(whole)) => *whole = feed.whole(number),
                _ if feed.is_made() => {}
                _ => mapping.entries.push(number),
            }
            if feed.is_made() {
                mapping.made.push(number);
            }
        }
        let ways = |name: &str| [Some(name), name.split('.').next()].map(|name| name.map(str::to_owned));
        mapping.properties = mapping.properties().flat_map(ways).flatten().collect();
        mapping.fed = mapping.feeds.iter().map(|feed| feed.target.clone()).collect();
        mapping
    }

    /// The same where these texts stand for no value too.
    #[must_use]
    pub fn with_null_values(self, nulls: NullValues) -> Self {
        Self { nulls, ..self }
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
        feeds.filter_map(|feed| {
            Some((feed.target.field, feed.target.entry.as_deref()?, feed.read(row, &self.nulls)?))
        })
    }

    /// What is made of a row, for fields and entries of fields.
    pub(crate) fn made<'r>(
        &'r self,
        row: &'r Row,
    ) -> impl Iterator<Item = (&'static FieldSpec, Option<&'r str>, Transformed<'r>, Option<&'r Cast>)> {
        let feeds = self.made.iter().filter_map(|number| self.feeds.get(*number));
        feeds.map(|feed| {
            let made = match feed.cell(row, &self.nulls) {
                Ok(cell) => feed.transforms.apply(cell),
                Err(fault) => Transformed::Faulty(fault),
            };
            (feed.target.field, feed.target.entry.as_deref(), made, feed.cast.as_ref())
        })
    }

    /// Names of JSON records may feed fields.
    pub(crate) fn is_by_name(&self) -> bool {
        self.by_name
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
            let (field, entry) = self.field_names.target(name)?;
            // What is mapped explicitly comes before what is mapped by name.
            let is_fed = || self.fed.contains(&Target { field, entry: entry.map(str::to_owned) });
            if !self.fed.is_empty() && is_fed() {
                return None;
            }
            Some((field, entry, self.nulls.present(Cell::from_json(value)?)?))
        })
    }

    /// What stands for no value.
    pub(crate) fn nulls(&self) -> &NullValues {
        &self.nulls
    }

    /// The object whose fields are fed.
    pub(crate) fn object(&self) -> &'static ObjectSpec {
        self.object
    }

    /// A column, a property or a constant feeds the whole field.
    pub(crate) fn feeds_whole(&self, field: &FieldSpec) -> bool {
        self.whole.get(field.index).is_some_and(|whole| *whole != Whole::Nothing)
    }

    /// What is fed to a whole field, where it is not made.
    #[inline]
    pub(crate) fn whole<'r>(&'r self, field: &FieldSpec, row: &'r Row) -> Option<Fed<'r>> {
        match (*self.whole.get(field.index)?, &row.record) {
            (Whole::Column(position), Record::Cells(cells)) => {
                let text = cells.get(position).filter(|text| !self.nulls.stands_for_none(text))?;
                Some(Fed { cell: Cell::Text(Cow::Borrowed(text)), cast: None })
            }
            (Whole::Read(number), _) => self.feeds.get(number)?.read(row, &self.nulls),
            _ => None,
        }
    }

    /// The properties of JSON records that feed fields.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &str> {
        self.feeds.iter().flat_map(ResolvedFeed::columns).filter_map(|column| match column {
            SourceColumn::Property(name) => Some(name.as_str()),
            SourceColumn::Position(_) => None,
        })
    }

    /// Says whether a name of a JSON record feeds anything.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.properties.contains(name) || (self.by_name && self.field_names.target(name).is_some())
    }

    fn match_columns(&mut self, columns: &[String], fed: &HashSet<Target>, faults: &mut SetupErrors) {
        let mut matched: HashMap<Target, &str> = HashMap::new();
        for (position, name) in columns.iter().enumerate() {
            let Some((field, entry)) = self.field_names.target(name) else { continue };
            let target = Target { field, entry: entry.map(str::to_owned) };
            if let Some(other) = matched.insert(target.clone(), name) {
                let field = target.name();
                let message = format!("the columns `{other}` and `{name}` both match the field `{field}`");
                faults.add(SetupError::new(message).help(format_args!(
                    "take one of them out, or say which one counts: --map {field}=COLUMN"
                )));
            } else if !fed.contains(&target) {
                self.feeds.push(ResolvedFeed {
                    target,
                    from: ResolvedOrigin::Column(SourceColumn::Position(position)),
                    transforms: Transforms::default(),
                    cast: None,
                });
            }
        }
    }

    /// A whole field and an entry of it cannot both be fed: one would overwrite the other.
    fn refuse_overlaps(&self, faults: &mut SetupErrors) {
        let parts = self.feeds.iter().filter(|feed| feed.target.entry.is_some());
        // The first entry of each field.
        let mut entries: HashMap<usize, &ResolvedFeed> = HashMap::new();
        for part in parts {
            entries.entry(part.target.field.index).or_insert(part);
        }
        let whole = self.feeds.iter().filter(|feed| feed.target.entry.is_none());
        for line in whole {
            let field = line.target.field;
            if let Some(part) = entries.get(&field.index) {
                let message =
                    format!("both `{}` and its entry `{}` are mapped", field.name, part.target.name());
                faults.add(SetupError::new(message).help("map either the whole field or its entries"));
            }
        }
    }
}

impl ResolvedFeed {
    fn read<'r>(&'r self, row: &'r Row, nulls: &NullValues) -> Option<Fed<'r>> {
        Some(Fed { cell: self.cell(row, nulls).ok()??, cast: self.cast.as_ref() })
    }

    /// The value that comes in.
    fn cell<'r>(&'r self, row: &'r Row, nulls: &NullValues) -> Result<Option<Cell<'r>>, Fault> {
        match &self.from {
            ResolvedOrigin::Constant(value) => Ok(Cell::from_json(value)),
            // What has nothing but blanks in it is no value then, and `NULL ` is one of the texts that stand for none.
            ResolvedOrigin::Column(column) if self.cast == Some(Cast::Trim) => {
                Ok(column.cell(row, nulls).and_then(|cell| nulls.present(cell.trimmed())))
            }
            ResolvedOrigin::Column(column) => Ok(column.cell(row, nulls)),
            ResolvedOrigin::Template(template, columns) => {
                template.render(columns.iter().map(|column| column.cell(row, nulls)))
            }
        }
    }

    /// How it feeds a whole field; `number` is its own.
    fn whole(&self, number: usize) -> Whole {
        match (&self.from, &self.cast) {
            _ if self.is_made() => Whole::Made,
            (ResolvedOrigin::Column(SourceColumn::Position(position)), None) => Whole::Column(*position),
            _ => Whole::Read(number),
        }
    }

    /// Its value costs something, so it is made once for each row.
    fn is_made(&self) -> bool {
        matches!(self.from, ResolvedOrigin::Template(..)) || !self.transforms.are_none()
    }

    fn columns(&self) -> &[SourceColumn] {
        match &self.from {
            ResolvedOrigin::Column(column) => std::slice::from_ref(column),
            ResolvedOrigin::Template(_, columns) => columns,
            ResolvedOrigin::Constant(_) => &[],
        }
    }
}

impl Feed {
    /// A value as it comes.
    #[must_use]
    pub fn new(target: &str, from: Origin) -> Self {
        Self { target: target.to_owned(), from, transforms: Transforms::default(), cast: None, place: None }
    }

    /// The user still has to write what is in it.
    #[must_use]
    pub fn has_placeholder(&self) -> bool {
        match &self.from {
            Origin::Constant(Value::String(text)) => text.contains(PLACEHOLDER),
            Origin::Template(template) => template.text().contains(PLACEHOLDER),
            Origin::Constant(_) | Origin::Column(_) => false,
        }
    }

    /// Finds the names. What is not found is noted, and a constant that is never read stands for it.
    fn resolve(
        &self,
        object: &'static ObjectSpec,
        columns: &SourceColumns<'_>,
        faults: &mut SetupErrors,
    ) -> Option<ResolvedFeed> {
        let target = faults.take(Target::parse(object, &self.target, self.place.as_ref()))?;
        if self.transforms.null == WhenNull::Send && target.entry.is_none() && !target.field.nullable {
            let message = format!("`{}` is sent as null, which the API does not take for it", self.target);
            let error = SetupError::new(message).at(self.place.as_ref());
            faults.add(error.help("write `null: omit` or `null: error`"));
        }
        Some(ResolvedFeed {
            target,
            from: self.origin(columns, faults).unwrap_or(ResolvedOrigin::Constant(Value::Null)),
            transforms: self.transforms.clone(),
            cast: self.cast.clone(),
        })
    }

    fn origin(&self, columns: &SourceColumns<'_>, faults: &mut SetupErrors) -> Option<ResolvedOrigin> {
        let target = &self.target;
        let unfound = |verb: &str, name: &str, Unfound { why, help }: Unfound| {
            SetupError::new(format!("`{target}` {verb} the column `{name}`, {why}"))
                .at(self.place.as_ref())
                .help(help)
        };
        match &self.from {
            Origin::Constant(value) => Some(ResolvedOrigin::Constant(value.clone())),
            Origin::Column(name) => faults
                .take(columns.find(name).map_err(|why| unfound("is mapped to", name, why)))
                .map(ResolvedOrigin::Column),
            Origin::Template(template) => {
                let find =
                    |name| columns.find_alike(name).map_err(|why| unfound("has a template with", name, why));
                let found: Vec<_> = template.names().map(|name| faults.take(find(name))).collect();
                found
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(|found| ResolvedOrigin::Template(template.clone(), found))
            }
        }
    }
}
