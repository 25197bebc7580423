//! All generated files.

use super::{api, object};
use crate::model::Spec;
use crate::names;
use crate::output::output_file::OutputFile;

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

/// `mod.rs` is included into a module of the connector, where `//!` is not allowed.
fn declarations(spec: &Spec) -> String {
    let modules = spec.objects.iter().map(|object| format!("pub mod {};", names::variable(&object.singular)));
    let modules: Vec<String> = modules.collect();
    let head = "// Generated from the spec: edit the files there, not these.";
    format!("{head}\n\nmod api;\n{}\n\npub use self::api::API;\n", modules.join("\n"))
}
