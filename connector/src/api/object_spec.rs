//! The tables of one object: fields, operations, modes.

use super::mode::Mode;
use crate::request::prepare::Prepare;

/// One object of the API.
#[derive(Debug)]
pub struct ObjectSpec {
    /// The plural that users type.
    pub name: &'static str,
    /// The singular.
    pub singular: &'static str,
    /// The name as people read it.
    pub title: &'static str,
    /// What it is.
    pub description: &'static str,
    /// What the system's own keys begin with.
    pub key_prefix: Option<&'static str>,
    /// The field by which a row brings the system's own key.
    pub key_field: Option<&'static FieldSpec>,
    /// The field of the create body that sets the creation time.
    pub created_field: Option<&'static FieldSpec>,
    /// The field that a create fills from the record key.
    pub derive_field: Option<&'static FieldSpec>,
    /// The fields; a field's `index` is its place here.
    pub fields: &'static [&'static FieldSpec],
    /// Groups of which a create has exactly one.
    pub exactly_one_of: &'static [OneOf],
    /// The fields that tell one record from another, the strongest first.
    pub identity: &'static [IdentitySpec],
    /// What can be called, in the order create, update, list.
    pub operations: &'static [&'static Operation],
    /// The row of the mode matrix, in the order of [`Mode::ALL`].
    pub modes: &'static [ModeSpec],
    /// What is not offered for it.
    pub not_offered: &'static [NotOffered],
    /// What no source answers about it.
    pub open: &'static [OpenFact],
}

impl ObjectSpec {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldSpec> {
        self.fields.iter().copied().find(|field| field.name == name)
    }

    /// The operation of that name.
    #[must_use]
    pub fn operation(&self, name: OperationName) -> Option<&'static Operation> {
        self.operations.iter().copied().find(|operation| operation.name == name)
    }

    /// The calls that a mode makes for a row, or why it is not offered.
    pub fn steps(&self, mode: Mode) -> Result<&'static [Step], &'static str> {
        match self.modes.iter().find(|entry| entry.mode == mode) {
            Some(ModeSpec { support: Support::Steps(steps), .. }) => Ok(steps),
            Some(ModeSpec { support: Support::Forbidden(reason), .. }) => Err(reason),
            None => Err("the spec does not say what it means"),
        }
    }
}

/// One field of an object.
#[derive(Debug)]
pub struct FieldSpec {
    /// Its place in [`ObjectSpec::fields`].
    pub index: usize,
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldType,
    /// Every create needs it.
    pub required: bool,
    /// One of the fields that are offered first.
    pub default_field: bool,
    /// The API takes null for it.
    pub nullable: bool,
    /// What a user misses without it.
    pub recommended: Option<&'static str>,
    /// The fewest characters.
    pub min_length: Option<u32>,
    /// The most characters.
    pub max_length: Option<u32>,
    /// The smallest number.
    pub minimum: Option<i64>,
    /// The largest number.
    pub maximum: Option<i64>,
    /// What the text must look like.
    pub format: Option<TextFormat>,
    /// What the number counts.
    pub unit: Option<Unit>,
    /// The field that says in which currency it is.
    pub currency_field: Option<&'static FieldSpec>,
    /// The only texts that it takes; empty: any.
    pub allowed: &'static [&'static str],
    /// The most entries of a map.
    pub max_entries: Option<u32>,
    /// The most characters of an entry's name.
    pub max_name_length: Option<u32>,
    /// The most characters of an entry's value.
    pub max_value_length: Option<u32>,
    /// The operations whose body takes it.
    pub writable: &'static [OperationName],
    /// What a create sends where the row has no value.
    pub when_absent: Option<WhenAbsent>,
    /// Whose key a value of it is.
    pub refers_to: Option<Reference>,
    /// What it means.
    pub description: &'static str,
    /// Where that is known from: a name of [`ApiSpec::sources`](crate::api::ApiSpec::sources).
    pub source: &'static str,
}

impl FieldSpec {
    /// A text field without any rule, to be completed.
    pub const BLANK: Self = Self {
        index: 0,
        name: "",
        kind: FieldType::String,
        required: false,
        default_field: false,
        nullable: false,
        recommended: None,
        min_length: None,
        max_length: None,
        minimum: None,
        maximum: None,
        format: None,
        unit: None,
        currency_field: None,
        allowed: &[],
        max_entries: None,
        max_name_length: None,
        max_value_length: None,
        writable: &[],
        when_absent: None,
        refers_to: None,
        description: "",
        source: "",
    };
}

/// Fields are compared by name: within one object that is what they are.
impl PartialEq for FieldSpec {
    fn eq(&self, other: &Self) -> bool {
        // Most fields differ in their place already.
        self.index == other.index && self.name == other.name
    }
}

impl Eq for FieldSpec {}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A calendar date.
    Date,
    /// A point in time, in epoch milliseconds.
    Timestamp,
    /// A list of texts.
    Strings,
    /// Names and values.
    Map,
    /// A list of `{api_name, value}`.
    CustomFields,
}

/// What a text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// An e-mail address.
    Email,
    /// An ISO 4217 code in upper case.
    Currency,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The smallest unit of the currency.
    Cents,
}

/// What a create sends for a field that the row leaves out.
#[derive(Debug)]
pub struct WhenAbsent {
    /// The text to send; none: null.
    pub send: Option<&'static str>,
    /// Not where one of these fields has a value.
    pub unless: &'static [&'static str],
    /// Why.
    pub reason: &'static str,
}

/// Whose key a value is.
#[derive(Debug)]
pub struct Reference {
    /// The object, or what else has keys.
    pub list: &'static str,
    /// The property that has the key.
    pub property: &'static str,
    /// The status with which a value is refused that is none of them.
    pub status: u16,
    /// What the refusal says.
    pub message: &'static str,
}

/// A group of fields of which a create has exactly one.
#[derive(Debug)]
pub struct OneOf {
    /// The fields.
    pub fields: &'static [&'static FieldSpec],
    /// Why, in a sentence that a user can act on.
    pub description: &'static str,
}

/// A field that tells one record from another.
#[derive(Debug)]
pub struct IdentitySpec {
    /// The field.
    pub field: &'static FieldSpec,
    /// The property of a listed record that shows it.
    pub property: &'static str,
    /// How two values are compared.
    pub compare: Compare,
}

/// How two identity values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// To the letter.
    Exact,
    /// Regardless of case.
    IgnoreCase,
}

/// One call of the API.
#[derive(Debug)]
pub struct Operation {
    /// Its name.
    pub name: OperationName,
    /// The HTTP method.
    pub method: Method,
    /// The path after the base URL, with `{field}` for parameters.
    pub path: &'static str,
    /// The fields that are parameters of the path.
    pub path_fields: &'static [&'static FieldSpec],
    /// Sending it twice does what sending it once does.
    pub repeatable: bool,
    /// The operation that finds out whether this one was applied.
    pub lookup: Option<OperationName>,
}

/// The name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationName {
    /// Makes a record.
    Create,
    /// Changes a record.
    Update,
    /// Lists records.
    List,
}

impl OperationName {
    /// The name in files and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::List => "list",
        }
    }
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
}

impl Method {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// A cell of the mode matrix.
#[derive(Debug)]
pub struct ModeSpec {
    /// The mode.
    pub mode: Mode,
    /// What it does, if anything.
    pub support: Support,
    /// What there is to say about it.
    pub description: Option<&'static str>,
}

/// What a mode does.
#[derive(Debug)]
pub enum Support {
    /// The calls for a row, in order; the next one is made where the record of the one before was not found.
    Steps(&'static [Step]),
    /// Not offered, for this reason.
    Forbidden(&'static str),
}

/// One call that a mode makes for a row.
#[derive(Debug)]
pub struct Step {
    /// The operation.
    pub operation: &'static Operation,
    /// Makes the request out of a row.
    pub prepare: Prepare,
}

/// Something that is not offered, and why.
#[derive(Debug)]
pub struct NotOffered {
    /// What a user would look for.
    pub title: &'static str,
    /// Why it is not there.
    pub reason: &'static str,
}

/// Something that no source answers.
#[derive(Debug)]
pub struct OpenFact {
    /// The question.
    pub question: &'static str,
    /// What the tool does as long as it is open, and the setting that changes it.
    pub handling: &'static str,
}
