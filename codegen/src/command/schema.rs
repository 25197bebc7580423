//! `cargo spec schema`: what editors know of the files of a spec.

use partnerstack_codegen::{json_schema, schema};

use super::failure::{Failure, near};

/// The schema of one kind of file, or of all in one object.
pub(crate) fn print(name: Option<&str>) -> Result<String, Failure> {
    let schemas = schema::all();
    let Some(name) = name else {
        return Ok(json_schema::text(&schemas.into_iter().collect()));
    };
    let found = schemas.iter().find(|(known, _)| *known == name);
    let known: Vec<&str> = schemas.iter().map(|(known, _)| *known).collect();
    found
        .map(|(_, found)| json_schema::text(found))
        .ok_or_else(|| Failure::Usage(near(name, &known, "schema")))
}
