//! The JSON Schemas of the files of a spec.

use serde_json::Value;

use crate::json_schema::schema_of;
use crate::syntax::api::Api;
use crate::syntax::case::CaseFile;
use crate::syntax::object::Object;

/// The schemas of `api.yaml`, `objects/*.yaml` and `cases/*.yaml`, by the names of their files without `.json`.
#[must_use]
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("api", schema_of::<Api>("The API as a whole")),
        ("object", schema_of::<Object>("An object of the API")),
        ("cases", schema_of::<CaseFile>("Cases of an object")),
    ]
}
