//! Reading YAML: two crates agree about every file of the repository, and any type can be read with every mistake.
#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use partnerstack_codegen::diagnostic::Diagnostic;
use partnerstack_codegen::source::parse;
use partnerstack_codegen::text::SourceText;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde::Deserialize;
use serde_yaml::Value;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn both_crates_read_the_same_from_every_file() {
    let _limit = partnerstack_tests::limit();
    for path in yaml_files() {
        let text = fs::read_to_string(&path).expect("a text");
        let one: Value =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let documents =
            Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let [other] = documents.as_slice() else { panic!("{} has several documents", path.display()) };
        assert_eq!(one, value_of(other), "{} is read in two ways", path.display());
        let ours = parse::<Value>(&SourceText::new(&path.display().to_string(), &text));
        let (third, _) = ours.unwrap_or_else(|report| panic!("{}", report.render(false)));
        assert_eq!(with_text_keys(one), third, "{} is read in a third way", path.display());
    }
}

/// Every YAML file of the repository.
pub(crate) fn yaml_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(Path::new(REPOSITORY), &mut files);
    assert!(files.len() > 5, "only {files:?}");
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
}

/// A key is a text to us, as it is to JSON: `null: error` needs no quotes.
fn with_text_keys(value: Value) -> Value {
    match value {
        Value::Mapping(entries) => {
            let key = |key: Value| if key.is_null() { Value::from("null") } else { key };
            let entries = entries.into_iter().map(|(name, value)| (key(name), with_text_keys(value)));
            Value::Mapping(entries.collect())
        }
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(with_text_keys).collect()),
        value => value,
    }
}

fn value_of(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(number)) => Value::Number((*number).into()),
        Yaml::Value(Scalar::FloatingPoint(number)) => Value::Number(number.into_inner().into()),
        Yaml::Value(Scalar::String(text)) => Value::String(text.to_string()),
        Yaml::Sequence(items) => Value::Sequence(items.iter().map(value_of).collect()),
        Yaml::Mapping(entries) => {
            Value::Mapping(entries.iter().map(|(key, value)| (value_of(key), value_of(value))).collect())
        }
        other => panic!("no plain value: {other:?}"),
    }
}

/// A type of its own, as the sync file has one.
#[derive(Debug, Deserialize, PartialEq)]
struct Recipe {
    name: String,
    #[serde(default)]
    servings: Option<u8>,
    amounts: BTreeMap<String, Amount>,
}

/// Written in two ways.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged, expecting = "expected a number of grams, or `{pieces: NUMBER}`")]
enum Amount {
    Grams(i32),
    Counted { pieces: i32 },
}

#[test]
fn what_one_crate_reads_and_the_other_refuses_has_a_place() {
    let _limit = partnerstack_tests::limit();
    for text in [">-\ntitle: a\ntext: b\n", ">-\n: customers\nmode: upsert\nsource: rows.csv\n"] {
        let report = parse::<Value>(&SourceText::new("a.yaml", text)).expect_err("it is no YAML");
        let placed = |found: &Diagnostic| found.place().line_and_column().is_some();
        assert!(report.diagnostics().iter().all(placed), "{report}");
    }
}

#[test]
fn any_type_can_be_read() {
    let _limit = partnerstack_tests::limit();
    let source =
        SourceText::new("recipe.yaml", "name: Soup\namounts: {water: 500, eggs: {pieces: 2}, 7: 1}\n");
    let (recipe, document) = parse::<Recipe>(&source).expect("it is right");
    assert_eq!(recipe.amounts.get("eggs"), Some(&Amount::Counted { pieces: 2 }));
    assert_eq!(recipe.amounts.get("7"), Some(&Amount::Grams(1)));
    let eggs = document.cursor().key("amounts").key("eggs");
    assert_eq!(eggs.key_place().line_and_column(), Some((2, 23)));
    assert_eq!(eggs.key("pieces").place().line_and_column(), Some((2, 38)));
    // A route that leaves what is written stays where it left it.
    assert_eq!(eggs.key("shells").key("colour").place().line_and_column(), Some((2, 30)));
}

#[test]
fn any_type_is_read_with_every_mistake() {
    let _limit = partnerstack_tests::limit();
    let text = "nmae: Soup\nservings: 300\namounts:\n  water: much\n  eggs: {pieces: 2}\n  salt: [1]\n";
    let report = parse::<Recipe>(&SourceText::new("recipe.yaml", text)).expect_err("it is wrong");
    let lines: Vec<String> = report.lines().collect();
    assert_eq!(
        lines,
        [
            "recipe.yaml:1:1: S031: the file takes no key `nmae`; did you mean `name`?",
            "recipe.yaml:2:11: S035: 300 is out of range; write a number from 0 to 255",
            "recipe.yaml:4:10: S039: expected a number of grams, or `{pieces: NUMBER}`",
            "recipe.yaml:6:9: S039: expected a number of grams, or `{pieces: NUMBER}`",
        ]
    );
}
