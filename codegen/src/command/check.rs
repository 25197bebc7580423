//! `cargo spec check` and `cargo spec print`: what is wrong with a spec, and what is generated from it.

use std::path::Path;

use partnerstack_codegen::source::Folder;
use partnerstack_codegen::{OutputFile, generate_from};

use super::failure::{Failure, near};

/// One line that says what was read.
pub(crate) fn check(folder: &Path) -> Result<String, Failure> {
    let files = generate(folder)?;
    let objects: Vec<&str> = modules(&files).filter(|name| *name != "api").collect();
    Ok(format!(
        "{}: no mistakes in api.yaml and {} ({})\n",
        folder.display(),
        count(objects.len()),
        objects.join(", ")
    ))
}

fn count(objects: usize) -> String {
    if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") }
}

pub(crate) fn print(folder: &Path, name: Option<&str>) -> Result<String, Failure> {
    let files = generate(folder)?;
    let Some(name) = name else {
        let files = files.iter().map(|file| format!("// ---- {}\n\n{}", file.name, file.text));
        return Ok(files.collect::<Vec<_>>().join("\n"));
    };
    let file = files.iter().find(|file| file.name == format!("{name}.rs"));
    let known: Vec<&str> = modules(&files).collect();
    file.map(|file| file.text.clone()).ok_or_else(|| Failure::Usage(near(name, &known, "object")))
}

fn generate(folder: &Path) -> Result<Vec<OutputFile>, Failure> {
    Folder::read(folder).and_then(|folder| generate_from(&folder)).map_err(Failure::Spec)
}

/// The names of the files, without `mod.rs`.
fn modules(files: &[OutputFile]) -> impl Iterator<Item = &str> {
    files.iter().filter_map(|file| file.name.strip_suffix(".rs")).filter(|name| *name != "mod")
}
