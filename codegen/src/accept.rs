//! Every file that is derived from the spec and committed, and which of them are out of date. `cargo spec accept` writes
//! them. Nothing is built for it, so it is quick and cannot depend on what it rewrites.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::report::Report;
use crate::generate::{generate_from, matrix_from, reference_from};
use crate::output::output_file::OutputFile;
use crate::source::folder::Folder;
use crate::{json_schema, schema};

/// A file that is out of date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Where it is.
    pub path: PathBuf,
    /// Its new text; none for a file that is no longer made.
    pub text: Option<String>,
}

impl FileChange {
    /// Writes or removes the file.
    pub fn apply(&self) -> io::Result<()> {
        let Some(text) = &self.text else { return fs::remove_file(&self.path) };
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.path, text)
    }
}

/// Why the files cannot be compared.
#[derive(Debug)]
pub enum Obstacle {
    /// The spec is wrong.
    Spec(Report),
    /// A file lacks the lines between which something is written.
    Markers(PathBuf),
    /// A file cannot be read.
    File(PathBuf, io::Error),
}

/// The files derived from the spec in a folder that have to change, sorted by path. Pages and schemas are in that folder,
/// the README and the snapshots beside it, if it is the spec of a workspace.
pub fn changes(spec: &Path) -> Result<Vec<FileChange>, Obstacle> {
    let mut changes = Vec::new();
    for kept in derive(spec)? {
        kept.compare(&mut changes)?;
    }
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(changes)
}

/// Files of one kind in one folder.
struct Kept {
    folder: PathBuf,
    /// How the names of all files of that kind begin and end. Such a file that is no longer made is removed.
    kind: (&'static str, &'static str),
    files: Vec<OutputFile>,
    /// Files of that kind that something else makes.
    others: Vec<String>,
}

/// All kinds of derived files.
fn derive(spec: &Path) -> Result<Vec<Kept>, Obstacle> {
    let files = Folder::read(spec).map_err(Obstacle::Spec)?;
    let reference = reference_from(&files).map_err(Obstacle::Spec)?;
    let objects = reference.iter().filter_map(|page| page.name.strip_suffix(".md"));
    let descriptions = objects.map(|object| format!("describe-{object}.snap")).collect();

    let schemas = schema::all().into_iter();
    let schemas = schemas
        .map(|(name, found)| OutputFile { name: format!("{name}.json"), text: json_schema::text(&found) });
    // The schemas of sync files and of exports belong to the connector.
    let others = ["sync.json", "export.json"].map(str::to_owned).to_vec();
    let folder = spec.join("schema");
    let mut kept = vec![
        Kept::all(spec.join("reference"), ".md", reference),
        Kept { folder, kind: ("", ".json"), files: schemas.collect(), others },
    ];
    if let Some(workspace) = workspace(spec) {
        let snapshots = workspace.join("tests/snapshots");
        let generated = generate_from(&files).map_err(Obstacle::Spec)?.iter().map(snapshot).collect();
        kept.push(Kept::all(snapshots.join("spec_generated"), ".rs.snap", generated));
        // Tests write these, but do not notice that an object is gone.
        let (folder, kind) = (snapshots.join("command"), ("describe-", ".snap"));
        kept.push(Kept { folder, kind, files: Vec::new(), others: descriptions });
        let readme = workspace.join(README);
        let matrix = matrix_from(&files).map_err(Obstacle::Spec)?;
        let text = fill(&read(&readme)?, &matrix).ok_or(Obstacle::Markers(readme))?;
        let readme = vec![OutputFile { name: README.to_owned(), text }];
        kept.push(Kept {
            folder: workspace.to_owned(),
            kind: (README, README),
            files: readme,
            others: Vec::new(),
        });
    }
    Ok(kept)
}

/// The workspace in whose root a spec is, if any.
#[must_use]
pub fn workspace(spec: &Path) -> Option<&Path> {
    spec.parent().filter(|beside| beside.join("Cargo.toml").is_file())
}

impl Kept {
    /// Files that are all of those with that ending.
    fn all(folder: PathBuf, ending: &'static str, files: Vec<OutputFile>) -> Self {
        Self { folder, kind: ("", ending), files, others: Vec::new() }
    }

    /// Notes what has to change so that the folder has these files, and no others of the kind.
    fn compare(self, changes: &mut Vec<FileChange>) -> Result<(), Obstacle> {
        let mut known: BTreeSet<String> = self.others.into_iter().collect();
        for OutputFile { name, text } in self.files {
            let path = self.folder.join(&name);
            let current = match fs::read(&path) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(Obstacle::File(path, error)),
            };
            if current.as_deref() != Some(text.as_bytes()) {
                changes.push(FileChange { path, text: Some(text) });
            }
            known.insert(name);
        }
        let (start, end) = self.kind;
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(()) };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(start) && name.ends_with(end) && !known.contains(&name) {
                changes.push(FileChange { path, text: None });
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, Obstacle> {
    fs::read_to_string(path).map_err(|error| Obstacle::File(path.to_owned(), error))
}

/// A generated file as the snapshot that insta writes of it.
fn snapshot(file: &OutputFile) -> OutputFile {
    let text = file.text.trim_end();
    OutputFile {
        name: format!("{}.snap", file.name),
        text: format!("---\nsource: tests/all/spec_generated.rs\n---\n{text}\n"),
    }
}

const README: &str = "README.md";

/// The lines between which the README has the mode matrix.
pub const MARKERS: [&str; 2] = ["<!-- matrix -->", "<!-- /matrix -->"];

/// The text with something else between the markers.
fn fill(text: &str, inside: &str) -> Option<String> {
    let [start, end] = MARKERS;
    let (before, rest) = text.split_once(start)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{start}\n\n{inside}\n\n{end}{after}"))
}
