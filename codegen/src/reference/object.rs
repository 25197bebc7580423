//! The page of an object: modes, fields, rules across them, operations, what is open, and where it is known from.

use super::markdown::{code, codes, listed, prose, yes_or_no};
use super::page::{OVERVIEW, Page, begin};
use super::sources;
use crate::model::{Constraint, Field, Object, Spec, Support};
use crate::output::limits::limits;
use crate::syntax::fact::{NotOffered, OpenFact};
use crate::syntax::field::FieldType;
use crate::syntax::object::Compare;
use crate::syntax::operation::OperationName;

/// The page.
pub(super) fn page(spec: &Spec, object: &Object) -> String {
    let mut page = begin(&object.title);
    page.paragraph(&prose(&object.description));
    page.paragraph(&format!(
        "{} in a sync file and in `--object`; the [overview]({OVERVIEW}) says what holds for all objects.",
        code(&object.name)
    ));
    modes(&mut page, object);
    fields(&mut page, object);
    constraints(&mut page, object);
    identity(&mut page, object);
    operations(&mut page, object);
    not_offered(&mut page, &object.not_offered);
    open(&mut page, &object.open);
    sources::of_object(&mut page, object, &spec.api.sources);
    page.finish()
}

fn modes(page: &mut Page, object: &Object) {
    page.section("Modes");
    let rows: Vec<_> = object
        .modes
        .iter()
        .map(|mode| {
            let description = mode.description.as_deref().map(prose);
            let (steps, text) = match &mode.support {
                Support::Steps(steps) => {
                    let keys = steps.iter().map(|step| step.key().to_owned()).collect::<Vec<_>>();
                    (keys.join(", else "), description.unwrap_or_default())
                }
                Support::Forbidden(reason) => {
                    let texts = [Some(prose(reason)), description];
                    (String::new(), texts.into_iter().flatten().collect::<Vec<_>>().join(" "))
                }
            };
            [mode.name.key().to_owned(), yes_or_no(!steps.is_empty()), steps, text]
        })
        .collect();
    page.table(["Mode", "Supported", "Operations", "Notes"], &rows);
}

/// The three tables of fields. Those that every create needs are in the first, and again in one of the others.
fn fields(page: &mut Page, object: &Object) {
    let all = || object.fields.iter().enumerate();
    let needed = all().filter(|(index, field)| field.required || leads(object, *index).is_some());
    table(page, object, "Required fields", &needed.collect::<Vec<_>>());
    let (first, further): (Vec<_>, Vec<_>) = all().partition(|(_, field)| field.by_default);
    table(page, object, "Default fields", &first);
    table(page, object, "Further fields", &further);
}

fn table(page: &mut Page, object: &Object, title: &str, fields: &[(usize, &Field)]) {
    if fields.is_empty() {
        return;
    }
    page.section(title);
    let rows: Vec<_> = fields
        .iter()
        .map(|(index, field)| {
            [
                code(&field.name),
                kind(field.kind).to_owned(),
                required(object, *index, field),
                rules(object, *index, field).join("; "),
                description(field),
            ]
        })
        .collect();
    page.table(["Field", "Type", "Required", "Limits", "Description"], &rows);
}

/// What is sent, as JSON has it.
fn kind(kind: FieldType) -> &'static str {
    match kind {
        FieldType::String | FieldType::Date => "String",
        FieldType::Integer | FieldType::Timestamp => "Number",
        FieldType::Boolean => "Boolean",
        FieldType::Strings => "List of strings",
        FieldType::Map => "Object",
        FieldType::CustomFields => "List of objects",
    }
}

/// The first field of a group counts as required; the others can take its place.
fn required(object: &Object, index: usize, field: &Field) -> String {
    if field.required || leads(object, index).is_some() {
        return yes_or_no(true);
    }
    let first = group(object, index).and_then(|group| group.exactly_one_of.first());
    match first.and_then(|first| object.fields.get(*first)) {
        Some(first) => format!("In place of {}", code(&first.name)),
        None => yes_or_no(false),
    }
}

/// The group whose first field this is.
fn leads(object: &Object, index: usize) -> Option<&Constraint> {
    object.constraints.iter().find(|group| group.exactly_one_of.first() == Some(&index))
}

fn group(object: &Object, index: usize) -> Option<&Constraint> {
    object.constraints.iter().find(|group| group.exactly_one_of.contains(&index))
}

/// The rules for a value, and where it is sent.
fn rules(object: &Object, index: usize, field: &Field) -> Vec<String> {
    let mut rules: Vec<String> = shape(field).map(str::to_owned).into_iter().collect();
    rules.extend(limits(field));
    if let Some(currency) = field.currency {
        rules.push(format!("in the currency of {}", names(object, &[currency], "and")));
    }
    if let Some(group) = group(object, index) {
        rules.push(format!("exactly one of {}", names(object, &group.exactly_one_of, "and")));
    }
    rules.extend(reach(object, index, field));
    if let Some(reference) = &field.refers_to {
        rules.push(format!("{} of {}", code(&reference.property), reference.list));
    }
    if field.derive {
        rules.push("where absent, made from the record key".to_owned());
    }
    if let Some(absent) = &field.when_absent {
        let sent = absent.send.as_deref().map_or_else(|| "null".to_owned(), code);
        let unless = if absent.unless.is_empty() {
            String::new()
        } else {
            format!(" unless {} has a value", names(object, &absent.unless, "or"))
        };
        rules.push(format!("where absent, {sent} is sent{unless}"));
    }
    rules
}

/// What it means, and the reasons for its rules.
fn description(field: &Field) -> String {
    let mut texts = vec![prose(&field.description)];
    texts.extend(field.when_absent.as_ref().map(|absent| prose(&absent.reason)));
    texts.extend(field.recommended.as_deref().map(|text| format!("Recommended: {}", prose(text))));
    texts.join(" ")
}

/// What the type of JSON does not tell.
fn shape(field: &Field) -> Option<&'static str> {
    match field.kind {
        FieldType::Integer => Some("whole number"),
        FieldType::Date => Some("calendar date (YYYY-MM-DD)"),
        FieldType::Map => Some("names and values"),
        FieldType::CustomFields => Some("objects of `api_name` and `value`"),
        FieldType::String | FieldType::Timestamp | FieldType::Boolean | FieldType::Strings => None,
    }
}

/// Where it is sent, unless every body takes it.
fn reach(object: &Object, index: usize, field: &Field) -> Vec<String> {
    let mut reach = Vec::new();
    let bodies = object.operations.iter().filter(|operation| operation.name != OperationName::List);
    if field.writable.len() < bodies.count()
        && let [only] = field.writable.as_slice()
    {
        reach.push(format!("in the body of {} only", only.key()));
    }
    let in_path = object.operations.iter().filter(|operation| operation.path_fields().any(|at| at == index));
    let in_path: Vec<String> = in_path.map(|operation| operation.name.key().to_owned()).collect();
    if !in_path.is_empty() {
        reach.push(format!("in the path of {}", listed(in_path, "and")));
    }
    reach
}

fn names(object: &Object, fields: &[usize], last: &str) -> String {
    codes(fields.iter().filter_map(|index| object.fields.get(*index)).map(|field| field.name.as_str()), last)
}

fn constraints(page: &mut Page, object: &Object) {
    if object.constraints.is_empty() {
        return;
    }
    page.section("Constraints");
    page.list(object.constraints.iter().map(|group| {
        let fields = names(object, &group.exactly_one_of, "and");
        format!("A create has a value for exactly one of {fields}. {}", prose(&group.description))
    }));
}

fn identity(page: &mut Page, object: &Object) {
    page.section("What tells records apart");
    if object.identity.is_empty() {
        page.paragraph("No field does: only a primary key of the rows can.");
    }
    let rows: Vec<_> = object
        .identity
        .iter()
        .filter_map(|identity| {
            let compare = match identity.compare {
                Compare::Exact => "to the letter",
                Compare::IgnoreCase => "regardless of case",
            };
            let field = object.fields.get(identity.field)?;
            Some([code(&field.name), code(&identity.property), compare.to_owned()])
        })
        .collect();
    page.table(["Field", "Property of listed records", "Compared"], &rows);
    if let Some(prefix) = &object.key_prefix {
        page.paragraph(&format!("The API's own keys begin with {}.", code(prefix)));
    }
    if let Some(field) = object.key_field.and_then(|index| object.fields.get(index)) {
        page.paragraph(&format!("A row brings the API's own key in {}.", code(&field.name)));
    }
}

fn operations(page: &mut Page, object: &Object) {
    page.section("Operations");
    let rows: Vec<_> = object
        .operations
        .iter()
        .map(|operation| {
            let again = match (operation.name, operation.repeatable, operation.lookup) {
                (OperationName::List, _, _) => String::new(),
                (_, true, _) => "sent again".to_owned(),
                (_, false, Some(lookup)) => format!("looked up first ({})", lookup.key()),
                (_, false, None) => "not sent again: the row is uncertain".to_owned(),
            };
            [
                operation.name.key().to_owned(),
                code(&format!("{} {}", operation.method.key(), operation.template)),
                codes(object.body(operation.name).map(|field| field.name.as_str()), "and"),
                again,
            ]
        })
        .collect();
    page.table(["Operation", "Request", "Fields of its body", "After a lost answer"], &rows);
}

/// What is not offered, and why.
pub(super) fn not_offered(page: &mut Page, absent: &[NotOffered]) {
    if absent.is_empty() {
        return;
    }
    page.section("Not offered");
    page.list(absent.iter().map(|absent| format!("**{}**: {}", prose(&absent.title), prose(&absent.reason))));
}

/// What no source answers.
pub(super) fn open(page: &mut Page, open: &[OpenFact]) {
    if open.is_empty() {
        return;
    }
    page.section("Open facts");
    page.paragraph("What no source answers, and what is done until one does.");
    page.list(open.iter().map(|open| format!("**{}** {}", prose(&open.question), prose(&open.handling))));
}
