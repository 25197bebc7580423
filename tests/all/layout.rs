//! The shape of the repository: what lies where, how long a file may be, and that nothing is left over.
#![cfg(test)]

mod folders;
mod types;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use partnerstack_codegen::generate;
use partnerstack_connector::generated::API;

use crate::invariants::rust::{Text, hand_written, root, sources_in};

/// Nothing over 400 lines is the aim; over this it has to be split.
const LONGEST: usize = 500;

/// The top level, as the design lists it.
const TOP_LEVEL: [&str; 8] =
    ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "codegen", "connector", "spec", "tests"];
const DOT_FILES: [&str; 6] = [".cargo", ".ci", ".clippy.toml", ".github", ".gitignore", ".rustfmt.toml"];
/// What tools may need or leave behind, and git ignores or never sees.
const TOLERATED: [&str; 7] = [".config", ".git", ".DS_Store", ".direnv", ".idea", ".vscode", "target"];

/// The folders and files of `spec`.
const SPEC: [&str; 6] = ["api.yaml", "cases", "examples", "objects", "reference", "schema"];

#[test]
fn the_top_level_is_what_the_design_says() {
    let _limit = partnerstack_tests::limit();
    let expected: BTreeSet<String> =
        TOP_LEVEL.iter().chain(&DOT_FILES).map(|&name| name.to_owned()).collect();
    let found: BTreeSet<String> =
        names_in(&root()).into_iter().filter(|name| !TOLERATED.contains(&name.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_spec_has_its_folders_and_no_others() {
    let _limit = partnerstack_tests::limit();
    let found = names_in(&root().join("spec"));
    assert!(SPEC.iter().all(|name| found.contains(*name)), "{found:?}");
    let more: Vec<_> = found.iter().filter(|name| !SPEC.contains(&name.as_str())).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[test]
fn no_source_file_is_too_long() {
    let _limit = partnerstack_tests::limit();
    let sources = hand_written();
    let long = sources.iter().filter(|source| source.lines.len() > LONGEST);
    let long: Vec<String> =
        long.map(|source| format!("{}: {} lines", source.name, source.lines.len())).collect();
    assert!(long.is_empty(), "split what is longer than {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn every_test_file_is_part_of_the_tests() {
    let _limit = partnerstack_tests::limit();
    // A file that no `mod` names is never compiled, and its tests never run.
    let sources = sources_in("tests/all");
    let missing: Vec<&str> = sources
        .iter()
        .filter(|source| source.name != "tests/all/main.rs")
        .filter(|source| {
            let path = Path::new(&source.name);
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap();
            let folder = path.parent().unwrap().to_str().unwrap();
            let parent =
                if folder == "tests/all" { "tests/all/main.rs".to_owned() } else { format!("{folder}.rs") };
            let line = format!("mod {stem};");
            let names = |line_of_parent: &String| {
                line_of_parent.split_once("mod ").is_some() && line_of_parent.ends_with(&line)
            };
            !sources.iter().any(|source| source.name == parent && source.lines.iter().any(names))
        })
        .map(|source| source.name.as_str())
        .collect();
    assert!(missing.is_empty(), "no `mod` line names {missing:?}");
}

#[test]
fn every_example_has_its_rows_and_every_object_an_example() {
    let _limit = partnerstack_tests::limit();
    let folder = root().join("spec/examples");
    let mut rows = BTreeSet::new();
    let mut objects = BTreeSet::new();
    let names = names_in(&folder);
    for name in names.iter().filter(|name| is_yaml(name)) {
        let sync: serde_yaml::Value =
            serde_yaml::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap();
        let text = |key: &str| {
            sync.get(key).and_then(serde_yaml::Value::as_str).unwrap_or_else(|| panic!("{name} has no {key}"))
        };
        let source = text("source");
        assert!(names.contains(source), "{name} names {source}, which is not beside it");
        let lines = fs::read_to_string(folder.join(source)).unwrap().lines().count();
        assert!(lines > 200, "{source} has {lines} lines: a first run shall show something");
        rows.insert(source.to_owned());
        objects.insert(text("object").to_owned());
    }
    let left_over: Vec<_> = names.iter().filter(|name| !is_yaml(name) && !rows.contains(*name)).collect();
    assert!(left_over.is_empty(), "no sync file names {left_over:?}");
    assert_eq!(objects, API.objects.iter().map(|object| object.name.to_owned()).collect());
}

#[test]
fn no_snapshot_is_left_over() {
    let _limit = partnerstack_tests::limit();
    let folder = root().join("tests/snapshots");
    let mut left_over = Vec::new();
    for module in names_in(&folder) {
        assert!(
            folder.join(&module).is_dir(),
            "snapshots lie in a folder named like the module that asserts them: {module}"
        );
        let known = snapshot_names(&module);
        // What is not accepted yet makes its own test fail.
        for name in names_in(&folder.join(&module)).into_iter().filter(|name| !name.ends_with(".snap.new")) {
            let stem = name.strip_suffix(".snap");
            if !stem.is_some_and(|stem| known.iter().any(|known| known.fits(stem))) {
                left_over.push(format!("tests/snapshots/{module}/{name}"));
            }
        }
    }
    assert!(left_over.is_empty(), "no test asserts these; take them out:\n{}", left_over.join("\n"));
}

fn is_yaml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "yaml")
}

/// A name that a snapshot may have.
enum Known {
    Name(String),
    /// As `format!` makes it: what comes before and after the one part that differs.
    Made {
        before: String,
        after: String,
        parts: BTreeSet<String>,
    },
}

impl Known {
    fn fits(&self, stem: &str) -> bool {
        match self {
            Self::Name(name) => name == stem,
            Self::Made { before, after, parts } => {
                let part =
                    stem.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
                part.is_some_and(|part| parts.contains(part))
            }
        }
    }
}

/// What the snapshots of a module may be called: a literal of it, a generated file, or a literal with one of these or an
/// object's name put into it.
fn snapshot_names(module: &str) -> Vec<Known> {
    let ours = |name: &str| {
        name == format!("tests/all/{module}.rs") || name.starts_with(&format!("tests/all/{module}/"))
    };
    let sources = sources_in("tests/all").into_iter().filter(|source| ours(&source.name));
    let texts = sources.flat_map(|source| source.texts);
    let mut literals: BTreeSet<String> =
        texts.filter_map(|text| if let Text::Literal(text) = text { Some(text) } else { None }).collect();
    assert!(!literals.is_empty(), "there is no tests/all/{module}.rs");
    literals.extend(API.objects.iter().flat_map(|object| [object.name, object.singular]).map(str::to_owned));
    literals.extend(generate(&root().join("spec")).unwrap().into_iter().map(|file| file.name));

    let made = literals.iter().filter_map(|literal| {
        let (before, rest) = literal.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        let named = !before.is_empty() && !before.contains(char::is_whitespace) && !after.contains('{');
        named.then(|| Known::Made {
            before: before.to_owned(),
            after: after.to_owned(),
            parts: literals.clone(),
        })
    });
    let made: Vec<Known> = made.collect();
    literals.iter().map(|name| Known::Name(name.clone())).chain(made).collect()
}

#[test]
fn a_snapshot_that_no_test_asserts_is_noticed() {
    let _limit = partnerstack_tests::limit();
    let known = snapshot_names("spec_generated");
    let fits = |stem: &str| known.iter().any(|known| known.fits(stem));
    assert!(fits("mode_matrix") && fits("api.rs"));
    assert!(!fits("mode_matrices") && !fits("old.rs") && !fits(""));
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
