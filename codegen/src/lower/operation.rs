//! Lowers operations and their paths.

use super::resolve::resolve;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::model::{Operation, Segment};
use crate::source::document::Cursor;
use crate::syntax;
use crate::syntax::field::FieldType;
use crate::syntax::operation::{Method, OperationName};

/// What operations refer to.
pub(super) struct Scope<'o> {
    /// The names of the object's fields.
    pub(super) names: &'o [String],
    /// The types of those fields.
    pub(super) kinds: &'o [FieldType],
    /// The object says how its records are told apart.
    pub(super) identity: bool,
}

/// Lowers the operations of an object.
pub(super) fn lower(
    written: syntax::Operations,
    scope: &Scope<'_>,
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> Vec<Operation> {
    let has_list = written.list.is_some();
    let all = [written.create, written.update, written.list];
    let mut operations = Vec::new();
    for (name, operation) in OperationName::ALL.into_iter().zip(all) {
        let Some(operation) = operation else { continue };
        let at = at.key(name.key());
        judge_method(name, operation.method, at.key("method"), found);
        judge_lookup(name, operation.lookup, has_list, scope, at.key("lookup"), found);
        if name == OperationName::Create && operation.repeatable {
            found.note(at.key("repeatable").place(), sentence::repeatable_create());
        }
        if name == OperationName::Update && operation.method == Method::Put && !operation.merges {
            found.note(at.key("method").place(), sentence::replacing_update());
        }
        if operation.merges && operation.method != Method::Put {
            found.note(at.key("merges").place(), sentence::needless_merges());
        }
        let path = lower_path(&operation.path, scope, at.key("path"), found);
        let parameters = path.iter().filter(|segment| matches!(segment, Segment::Parameter(_))).count();
        if name == OperationName::List && parameters > 0 {
            found.note(at.key("path").place(), sentence::list_parameter());
        }
        if name == OperationName::Update && !operation.path.contains('{') {
            found.note(at.key("path").place(), sentence::update_without_parameter());
        }
        operations.push(Operation {
            name,
            method: operation.method,
            template: operation.path,
            path,
            repeatable: operation.repeatable,
            lookup: operation.lookup,
            source: operation.source,
        });
    }
    if operations.is_empty() {
        found.note(at.place(), sentence::no_operations());
    }
    operations
}

/// Says that an object has no such operation, and which it has.
pub(super) fn missing(name: OperationName, operations: &[Operation]) -> Sentence {
    let known: Vec<&str> = operations.iter().map(|operation| operation.name.key()).collect();
    sentence::no_such_operation(name.key(), &known)
}

fn judge_method(name: OperationName, method: Method, at: Cursor<'_>, found: &mut Diagnostics) {
    let suited: &[Method] = match name {
        OperationName::Create => &[Method::Post, Method::Put],
        OperationName::Update => &[Method::Patch, Method::Put, Method::Post],
        OperationName::List => &[Method::Get],
    };
    if !suited.contains(&method) {
        let suited: Vec<&str> = suited.iter().map(|method| method.key()).collect();
        found.note(at.place(), sentence::unsuited_method(name.key(), method.key(), &suited));
    }
}

fn judge_lookup(
    name: OperationName,
    lookup: Option<OperationName>,
    has_list: bool,
    scope: &Scope<'_>,
    at: Cursor<'_>,
    found: &mut Diagnostics,
) {
    let Some(lookup) = lookup else { return };
    if lookup != OperationName::List || name == OperationName::List {
        found.note(at.place(), sentence::unsuited_lookup(lookup.key()));
    } else if !has_list {
        found.note(at.place(), sentence::lookup_without_list());
    } else if !scope.identity {
        found.note(at.place(), sentence::lookup_without_identity());
    }
}

fn lower_path(template: &str, scope: &Scope<'_>, at: Cursor<'_>, found: &mut Diagnostics) -> Vec<Segment> {
    let Some(rest) = template.strip_prefix('/').filter(|rest| !rest.is_empty() && !rest.ends_with('/'))
    else {
        found.note(at.place(), sentence::bad_path(template));
        return Vec::new();
    };
    let mut path = Vec::new();
    let mut literal = String::new();
    for segment in rest.split('/') {
        literal.push('/');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            if let Some(field) = lower_parameter(name, &path, scope, at, found) {
                path.push(Segment::Literal(std::mem::take(&mut literal)));
                path.push(Segment::Parameter(field));
            }
        } else if segment.contains(['{', '}']) {
            found.note(at.part(segment), sentence::bad_parameter(segment));
        } else if segment.is_empty() || !segment.chars().all(is_plain) {
            found.note(at.part(segment), sentence::bad_segment(segment));
        } else {
            literal.push_str(segment);
        }
    }
    if !literal.is_empty() {
        path.push(Segment::Literal(literal));
    }
    path
}

fn lower_parameter(
    name: &str,
    before: &[Segment],
    scope: &Scope<'_>,
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> Option<usize> {
    let place = at.part(&format!("{{{name}}}"));
    let field = resolve(name, scope.names, place.clone(), found)?;
    if before.iter().any(|segment| matches!(segment, Segment::Parameter(earlier) if *earlier == field)) {
        found.note(place.clone(), sentence::parameter_twice(name));
    }
    let kind = scope.kinds.get(field).copied().unwrap_or(FieldType::String);
    if kind != FieldType::String {
        found.note(place, sentence::parameter_kind(name, kind.key()));
    }
    Some(field)
}
