//! The spec as meant: sorted, complete, names resolved, nothing left to judge. It knows no file and no place.

use crate::syntax::api::Api;
use crate::syntax::fact::{NotOffered, OpenFact};
use crate::syntax::field::{FieldType, Format, Unit};
use crate::syntax::object::Compare;
use crate::syntax::operation::{Method, OperationName};

/// Everything that is emitted.
#[derive(Debug)]
pub(crate) struct Spec {
    /// What holds for all objects. It refers to objects and fields by name, as the emitted tables do, so it stays as
    /// it is written once it has been judged.
    pub(crate) api: Api,
    /// Sorted by name.
    pub(crate) objects: Vec<Object>,
}

/// One object. Fields are referred to by their place in `fields`.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) name: String,
    pub(crate) singular: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) key_prefix: Option<String>,
    pub(crate) key_field: Option<usize>,
    pub(crate) created_field: Option<usize>,
    pub(crate) fields: Vec<Field>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) identity: Vec<Identity>,
    /// In the order create, update, list.
    pub(crate) operations: Vec<Operation>,
    /// In the order insert, update, upsert.
    pub(crate) modes: Vec<Mode>,
    pub(crate) not_offered: Vec<NotOffered>,
    pub(crate) open: Vec<OpenFact>,
}

impl Object {
    /// The operation of that name.
    pub(crate) fn operation(&self, name: OperationName) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// The fields that an operation's body takes.
    pub(crate) fn body(&self, operation: OperationName) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.writable.contains(&operation))
    }

    /// The fields that fill an operation's path, in its order.
    pub(crate) fn path<'m>(&'m self, operation: &'m Operation) -> impl Iterator<Item = &'m Field> {
        operation.path_fields().filter_map(|index| self.fields.get(index))
    }
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: FieldType,
    pub(crate) required: bool,
    pub(crate) by_default: bool,
    pub(crate) nullable: bool,
    pub(crate) recommended: Option<String>,
    pub(crate) min_length: Option<u32>,
    pub(crate) max_length: Option<u32>,
    pub(crate) minimum: Option<i64>,
    pub(crate) maximum: Option<i64>,
    pub(crate) format: Option<Format>,
    pub(crate) unit: Option<Unit>,
    /// The field that says in which currency it is.
    pub(crate) currency: Option<usize>,
    pub(crate) allowed: Vec<String>,
    pub(crate) max_entries: Option<u32>,
    pub(crate) max_name_length: Option<u32>,
    pub(crate) max_value_length: Option<u32>,
    /// The operations whose body takes it, in the order create, update. A field in an operation's path is not in its
    /// body.
    pub(crate) writable: Vec<OperationName>,
    pub(crate) when_absent: Option<WhenAbsent>,
    pub(crate) refers_to: Option<Reference>,
    pub(crate) derive: bool,
    pub(crate) description: String,
    pub(crate) source: String,
}

/// Whose key a value is.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) list: String,
    pub(crate) property: String,
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) source: String,
}

/// What a create sends for a field that the row leaves out.
#[derive(Debug)]
pub(crate) struct WhenAbsent {
    /// None: null.
    pub(crate) send: Option<String>,
    pub(crate) unless: Vec<usize>,
    pub(crate) reason: String,
    pub(crate) source: String,
}

/// A group of fields of which a create has exactly one.
#[derive(Debug)]
pub(crate) struct Constraint {
    pub(crate) exactly_one_of: Vec<usize>,
    pub(crate) description: String,
    pub(crate) source: String,
}

/// A field that tells one record from another.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) field: usize,
    pub(crate) property: String,
    pub(crate) compare: Compare,
}

/// One call of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: OperationName,
    pub(crate) method: Method,
    /// As it is written.
    pub(crate) template: String,
    pub(crate) path: Vec<Segment>,
    pub(crate) repeatable: bool,
    pub(crate) lookup: Option<OperationName>,
    pub(crate) source: String,
}

impl Operation {
    /// The fields that fill its path, in order.
    pub(crate) fn path_fields(&self) -> impl Iterator<Item = usize> {
        self.path.iter().filter_map(|segment| match segment {
            Segment::Parameter(field) => Some(*field),
            Segment::Literal(_) => None,
        })
    }
}

/// A part of a path.
#[derive(Debug)]
pub(crate) enum Segment {
    Literal(String),
    Parameter(usize),
}

/// A cell of the mode matrix.
#[derive(Debug)]
pub(crate) struct Mode {
    pub(crate) name: ModeName,
    pub(crate) support: Support,
    pub(crate) description: Option<String>,
    pub(crate) source: String,
}

/// What a mode does.
#[derive(Debug)]
pub(crate) enum Support {
    Steps(Vec<OperationName>),
    Forbidden(String),
}

/// A sync mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModeName {
    Insert,
    Update,
    Upsert,
}

impl ModeName {
    /// The name in files and messages.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Upsert => "upsert",
        }
    }
}

impl OperationName {
    /// All of them, in the order of tables.
    pub(crate) const ALL: [Self; 3] = [Self::Create, Self::Update, Self::List];

    /// The name in files and messages.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::List => "list",
        }
    }
}

impl FieldType {
    /// The name in files and messages.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Strings => "strings",
            Self::Map => "map",
            Self::CustomFields => "custom_fields",
        }
    }
}

impl Method {
    /// The name in files and on the wire.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}
