//! `cargo spec accept`: what is derived from the spec and committed is what the spec makes of it, and nothing is left over.
#![cfg(test)]

use std::fs;
use std::path::Path;

use partnerstack_codegen::accept::{FileChange, MARKERS, Obstacle, changes};
use tempfile::TempDir;

use crate::invariants::rust::root;

const API: &str = include_str!("specs/good/api.yaml");
const LOANS: &str = include_str!("specs/good/objects/loans.yaml");
const READERS: &str = include_str!("specs/good/objects/readers.yaml");

#[test]
fn what_is_committed_is_what_the_spec_makes() {
    let _limit = partnerstack_tests::limit();
    let outdated = changes(&root().join("spec")).unwrap();
    let outdated: Vec<String> = outdated.iter().map(|change| change.path.display().to_string()).collect();
    assert!(outdated.is_empty(), "run `cargo spec accept`:\n{}", outdated.join("\n"));
}

#[test]
fn everything_derived_is_written_once() {
    let _limit = partnerstack_tests::limit();
    let place = workspace();
    assert_eq!(
        accept(&place),
        [
            "write README.md",
            "write spec/reference/README.md",
            "write spec/reference/loans.md",
            "write spec/reference/readers.md",
            "write spec/schema/api.json",
            "write spec/schema/cases.json",
            "write spec/schema/object.json",
            "write tests/snapshots/spec_generated/api.rs.snap",
            "write tests/snapshots/spec_generated/loan.rs.snap",
            "write tests/snapshots/spec_generated/mod.rs.snap",
            "write tests/snapshots/spec_generated/reader.rs.snap",
        ]
    );
    assert_eq!(accept(&place), Vec::<String>::new());
    let readme = read(&place, "README.md");
    let [start, end] = MARKERS;
    assert_eq!(
        readme,
        format!(
            "# Library\n\n{start}\n\n\
             | object  | insert | update | upsert |\n\
             | ------- | :----: | :----: | :----: |\n\
             | loans   | yes    | no     | no     |\n\
             | readers | yes    | yes    | yes    |\n\n\
             {end}\n\nBehind it.\n"
        )
    );
}

#[test]
fn an_edit_changes_the_page_and_the_snapshot_of_its_object() {
    let _limit = partnerstack_tests::limit();
    let place = workspace();
    accept(&place);
    let edited = LOANS.replace("The title of the book", "What the book is called");
    write(&place, "spec/objects/loans.yaml", &edited);
    assert_eq!(
        accept(&place),
        ["write spec/reference/loans.md", "write tests/snapshots/spec_generated/loan.rs.snap"]
    );
    assert!(read(&place, "spec/reference/loans.md").contains("| What the book is called |"));
}

#[test]
fn what_an_object_leaves_behind_is_removed() {
    let _limit = partnerstack_tests::limit();
    let place = workspace();
    accept(&place);
    fs::remove_file(place.path().join("spec/objects/loans.yaml")).unwrap();
    let without_the_hint =
        API.replace("object: loans", "object: readers").replace("field: reader_key", "field: email");
    write(&place, "spec/api.yaml", &without_the_hint.replace("rule: exactly_one_of", "rule: required"));
    // What people have put there stays.
    write(&place, "spec/reference/notes.txt", "mine");
    write(&place, "tests/snapshots/spec_generated/mode_matrix.snap", "of another test");
    write(&place, "tests/snapshots/command/describe-loans.snap", "of another test");
    write(&place, "tests/snapshots/command/describe-readers.snap", "of another test");
    let changed = accept(&place);
    assert!(changed.contains(&"remove spec/reference/loans.md".to_owned()), "{changed:?}");
    assert!(
        changed.contains(&"remove tests/snapshots/spec_generated/loan.rs.snap".to_owned()),
        "{changed:?}"
    );
    assert!(
        changed.contains(&"remove tests/snapshots/command/describe-loans.snap".to_owned()),
        "{changed:?}"
    );
    assert!(changed.contains(&"write README.md".to_owned()), "{changed:?}");
    assert!(place.path().join("tests/snapshots/command/describe-readers.snap").exists());
    assert!(!place.path().join("spec/reference/loans.md").exists());
    assert!(place.path().join("spec/reference/notes.txt").exists());
    assert!(place.path().join("tests/snapshots/spec_generated/mode_matrix.snap").exists());
    assert_eq!(accept(&place), Vec::<String>::new());
}

#[test]
fn a_spec_alone_has_only_its_own_files() {
    let _limit = partnerstack_tests::limit();
    let place = workspace();
    fs::remove_file(place.path().join("Cargo.toml")).unwrap();
    let changed = accept(&place);
    assert_eq!(changed.len(), 6, "{changed:?}");
    assert!(changed.iter().all(|change| change.starts_with("write spec/")), "{changed:?}");
}

#[test]
fn nothing_is_guessed() {
    let _limit = partnerstack_tests::limit();
    let place = workspace();
    write(&place, "README.md", "# Library\n");
    assert!(
        matches!(changes(&place.path().join("spec")), Err(Obstacle::Markers(path)) if path.ends_with("README.md"))
    );
    write(&place, "spec/objects/loans.yaml", &LOANS.replace("source: letters", "source: leters"));
    assert!(matches!(changes(&place.path().join("spec")), Err(Obstacle::Spec(_))));
}

/// A workspace with a small spec.
fn workspace() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let [start, end] = MARKERS;
    write(&place, "Cargo.toml", "[workspace]\n");
    write(&place, "README.md", &format!("# Library\n\n{start}\nold\n{end}\n\nBehind it.\n"));
    write(&place, "spec/api.yaml", API);
    write(&place, "spec/objects/loans.yaml", LOANS);
    write(&place, "spec/objects/readers.yaml", READERS);
    place
}

/// What was done, in order.
fn accept(place: &TempDir) -> Vec<String> {
    let changes = changes(&place.path().join("spec")).unwrap();
    let done = |change: &FileChange| {
        change.apply().unwrap();
        let verb = if change.text.is_some() { "write" } else { "remove" };
        format!("{verb} {}", shown(change.path.strip_prefix(place.path()).unwrap()))
    };
    changes.iter().map(done).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

fn write(place: &TempDir, name: &str, text: &str) {
    let path = place.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(place: &TempDir, name: &str) -> String {
    fs::read_to_string(place.path().join(name)).unwrap()
}
