//! Reads the spec folder: `api.yaml` and `objects/*.yaml`, and nothing else of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::decode::decode;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;

/// The files of a spec.
#[derive(Clone, Debug)]
pub struct Folder {
    /// `api.yaml`.
    pub api: SourceText,
    /// `objects/*.yaml`, sorted by name.
    pub objects: Vec<SourceText>,
}

impl Folder {
    /// Reads the files of a spec. What is missing or unreadable is reported at once.
    pub fn read(folder: &Path) -> Result<Self, Report> {
        if !folder.is_dir() {
            return Err(about(folder, sentence::no_folder()).into());
        }
        let mut found = Diagnostics::default();
        let api = read_file(&folder.join("api.yaml"), sentence::no_api(), &mut found);
        let mut objects = Vec::new();
        for path in object_files(&folder.join("objects"), &mut found) {
            objects.extend(read_file(&path, sentence::no_objects(), &mut found));
        }
        match api {
            Some(api) => found.into_result(Self { api, objects }),
            None => Err(found.into()),
        }
    }
}

fn object_files(folder: &Path, found: &mut Diagnostics) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        found.push(about(folder, sentence::no_objects()));
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    // Editors keep hidden files beside those that they edit.
    paths.retain(|path| path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b".")));
    let (files, others): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| has_extension(path, "yaml"));
    for path in others.iter().filter(|path| has_extension(path, "yml")) {
        found.push(about(path, sentence::yml()));
    }
    if files.is_empty() {
        found.push(about(folder, sentence::no_objects()));
    }
    files
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn read_file(path: &Path, missing: Sentence, found: &mut Diagnostics) -> Option<SourceText> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            found.push(about(path, missing));
            return None;
        }
        Err(error) => {
            found.push(about(path, sentence::unreadable(&error.to_string())));
            return None;
        }
    };
    match decode(&shown(path), &bytes) {
        Ok(source) => Some(source),
        Err(report) => {
            found.absorb(report);
            None
        }
    }
}

fn about(path: &Path, sentence: Sentence) -> Diagnostic {
    Diagnostic::new(Place::file(&SourceText::new(&shown(path), "")), sentence)
}

/// With `/` on every system, so that messages and snapshots are the same everywhere.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}
