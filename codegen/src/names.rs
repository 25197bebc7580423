//! Every Rust identifier of the generated code is made here, from names that lowering has found to be snake case.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

/// What a generated file may name, each with its path. A file imports only what it uses.
pub(crate) type Imports = &'static [(&'static str, &'static str)];

/// What the file of an object may name. The object's own type must have another name.
pub(crate) const OBJECT_IMPORTS: Imports = &[
    ("mode", "crate::api::mode"),
    ("Mode", "crate::api::mode"),
    ("Allows", "crate::api::object"),
    ("CreatePayload", "crate::request::payload"),
    ("Object", "crate::api::object"),
    ("Payload", "crate::request::payload"),
    ("UpdatePayload", "crate::request::payload"),
    ("PathBuilder", "crate::request::path"),
    ("prepare", "crate::request::prepare"),
    ("RowReader", "crate::mapping::row_reader"),
    ("rules", "crate::row::rules"),
    ("Faults", "crate::row::fault"),
    ("Sealed", "crate::api::sealed"),
    ("Compare", "crate::api"),
    ("IdentitySpec", "crate::api"),
    ("Method", "crate::api"),
    ("ModeSpec", "crate::api"),
    ("NotOffered", "crate::api"),
    ("ObjectSpec", "crate::api"),
    ("OneOf", "crate::api"),
    ("OpenFact", "crate::api"),
    ("Operation", "crate::api"),
    ("OperationName", "crate::api"),
    ("Step", "crate::api"),
    ("Support", "crate::api"),
    ("CustomField", "crate::row::value"),
    ("Date", "crate::row::value"),
    ("Map", "crate::row::value"),
    ("Serialize", "serde"),
];

/// What the fields of an object may name.
pub(crate) const FIELD_IMPORTS: Imports = &[
    ("FieldSpec", "crate::api"),
    ("FieldType", "crate::api"),
    ("OperationName", "crate::api"),
    ("Reference", "crate::api"),
    ("TextFormat", "crate::api"),
    ("Unit", "crate::api"),
    ("WhenAbsent", "crate::api"),
];

/// What the table of the API may name.
pub(crate) const API_IMPORTS: Imports = &[
    ("AnswerSpec", "crate::api"),
    ("ApiSpec", "crate::api"),
    ("AuthenticationSpec", "crate::api"),
    ("ErrorClass", "crate::api"),
    ("ErrorRule", "crate::api"),
    ("FactSource", "crate::api"),
    ("Hint", "crate::api"),
    ("HintCondition", "crate::api"),
    ("ListSpec", "crate::api"),
    ("NotOffered", "crate::api"),
    ("OpenFact", "crate::api"),
    ("OperationName", "crate::api"),
    ("RateLimit", "crate::api"),
];

/// Names that the prelude, derives and the file of an object use already.
const TAKEN: &[&str] =
    &["Clone", "Create", "Debug", "Err", "Into", "None", "Ok", "Option", "Some", "String", "Update", "Vec"];

/// Small ASCII letters, digits, and single `_` between them, beginning with a letter.
pub(crate) fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.ends_with('_')
        && !name.contains("__")
}

/// The nearest snake case name. None for letters that are not ASCII: without them the name would say something else.
pub(crate) fn to_snake_case(name: &str) -> Option<String> {
    if !name.is_ascii() {
        return None;
    }
    let mut snake = String::new();
    let mut after_small = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && after_small {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        } else if !snake.ends_with('_') {
            snake.push('_');
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    let snake = snake.trim_matches('_').to_owned();
    is_snake_case(&snake).then_some(snake)
}

/// The words that `r#` does not turn into a name either.
pub(crate) fn is_forbidden(name: &str) -> bool {
    matches!(name, "crate" | "self" | "super")
}

/// The type of an object with this singular would have a name that the generated code uses already.
pub(crate) fn is_taken_object(singular: &str) -> bool {
    let name = pascal(singular);
    singular == "api"
        || TAKEN.contains(&name.as_str())
        || OBJECT_IMPORTS.iter().any(|(import, _)| *import == name)
}

/// The name of a module, a variable or a struct's field: `customer`, `r#type`.
pub(crate) fn variable(name: &str) -> Ident {
    // syn refuses keywords, except the one that came with edition 2024.
    match syn::parse_str::<Ident>(name) {
        Ok(ident) if name != "gen" => ident,
        _ => Ident::new_raw(name, Span::call_site()),
    }
}

/// The file of an object's module, without `r#`.
pub(crate) fn file(singular: &str) -> String {
    format!("{}.rs", variable(singular).unraw())
}

/// The name of a type or a variant: `CustomerKey`.
pub(crate) fn type_name(name: &str) -> Ident {
    Ident::new(&pascal(name), Span::call_site())
}

/// The name of a static or a const: `CUSTOMER_KEY`.
pub(crate) fn constant(name: &str) -> Ident {
    Ident::new(&name.to_ascii_uppercase(), Span::call_site())
}

/// The constant of a group, numbered from 1: `ONE_OF_1`.
pub(crate) fn one_of(index: usize) -> Ident {
    Ident::new(&format!("ONE_OF_{}", index + 1), Span::call_site())
}

fn pascal(name: &str) -> String {
    let capitalise = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    name.split('_').map(capitalise).collect()
}
