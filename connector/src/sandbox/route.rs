//! From method and path to an operation of an object, by the path templates of the spec.

use percent_encoding::percent_decode_str;

use crate::api::{ApiSpec, FieldSpec, ObjectSpec, Operation};

/// What a request addresses.
pub(super) struct Route {
    pub(super) object: &'static ObjectSpec,
    pub(super) operation: &'static Operation,
    /// The parameters of the path, decoded.
    pub(super) parameters: Vec<(&'static FieldSpec, String)>,
}

/// The route of a request, if there is one.
pub(super) fn find(api: &'static ApiSpec, method: &str, path: &str) -> Option<Route> {
    let path = path.strip_prefix(base_path(api))?;
    api.objects.iter().find_map(|&object| {
        object.operations.iter().filter(|operation| operation.method.name() == method).find_map(
            |&operation| {
                let parameters = parameters(operation, path)?;
                Some(Route { object, operation, parameters })
            },
        )
    })
}

/// The path of the base URL, without a slash at its end.
pub(super) fn base_path(api: &'static ApiSpec) -> &'static str {
    let after_scheme = api.base_url.split_once("://").map_or(api.base_url, |(_, rest)| rest);
    after_scheme
        .find('/')
        .and_then(|start| after_scheme.get(start..))
        .unwrap_or_default()
        .trim_end_matches('/')
}

/// The parameters of a path, if it has the form of the operation's template.
fn parameters(operation: &'static Operation, path: &str) -> Option<Vec<(&'static FieldSpec, String)>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for part in operation.path.split('/') {
        let segment = segments.next()?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None if part == segment => {}
            Some(name) if !segment.is_empty() => {
                let field = operation.path_fields.iter().copied().find(|field| field.name == name)?;
                // Split first, decoded then: an encoded slash belongs to the value.
                parameters.push((field, percent_decode_str(segment).decode_utf8().ok()?.into_owned()));
            }
            _ => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}
