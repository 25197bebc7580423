//! From the spec as meant to Rust text. It judges nothing and cannot fail.

mod api;
mod field;
mod file;
pub(crate) mod limits;
mod object;
mod payload;
pub(crate) mod text;

use crate::model::Spec;
use crate::names;

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name, such as `customer.rs`.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// All files: `mod.rs`, which declares the others, then the API's table, then one for each object.
pub(crate) fn emit(spec: &Spec) -> Vec<OutputFile> {
    let mut files = vec![
        OutputFile { name: "mod.rs".to_owned(), text: declarations(spec) },
        OutputFile { name: "api.rs".to_owned(), text: api::emit(spec) },
    ];
    for object in &spec.objects {
        files.push(OutputFile { name: names::file(&object.singular), text: object::emit(object) });
    }
    files
}

/// `mod.rs` is included into a module of the connector, where no `//!` may stand.
fn declarations(spec: &Spec) -> String {
    let modules = spec.objects.iter().map(|object| format!("pub mod {};", names::variable(&object.singular)));
    let modules: Vec<String> = modules.collect();
    let head = "// Generated from the spec: edit the files there, not these.";
    format!("{head}\n\nmod api;\n{}\n\npub use self::api::API;\n", modules.join("\n"))
}
