//! One name, one meaning: no two types of a crate are called the same, nor two public types of both; but for a short list.

use std::collections::BTreeMap;
use std::fs;

use syn::{Item, Visibility};

use crate::invariants::rust::{hand_written, root};

/// Names that a public type of each crate has, and why that is no confusion.
const SHARED: [(&str, &str); 3] = [
    (
        "Place",
        "where something is written in a file of YAML: the generator's has its text, the connector's may have none",
    ),
    ("Report", "of the mistakes of a spec in the generator, of a run in the connector; each crate has one"),
    ("Format", "a key of the spec's grammar is called `format`, and so is a flag of the command"),
];

/// What the spec talks about has one name as it is written, as it is meant, and in the generated tables.
const OF_THE_SPEC: [&str; 3] = ["codegen/src/syntax", "codegen/src/model", "connector/src/api/"];

#[test]
fn no_type_name_has_two_meanings() {
    let _limit = partnerstack_tests::limit();
    let found = ambiguous(&declared());
    assert!(found.is_empty(), "{} names have several types:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_shared_name_is_shared() {
    let _limit = partnerstack_tests::limit();
    let declared = declared();
    for (name, why) in SHARED {
        assert!(declared.get(name).is_some_and(|files| files.len() > 1), "`{name}` is not shared: {why}");
    }
}

/// A declaration of a type.
struct Declared {
    file: String,
    public: bool,
}

impl Declared {
    /// A reader may take one for the other: they are of one crate, or both are public and their name is not shared.
    fn meets(&self, other: &Self, is_shared: bool) -> bool {
        let crate_of = |file: &str| file.split('/').next().map(str::to_owned);
        let shared_meaning = self.file != other.file && meaning(&self.file) == meaning(&other.file);
        !shared_meaning
            && (crate_of(&self.file) == crate_of(&other.file) || self.public && other.public && !is_shared)
    }
}

/// The declarations of each name.
fn declared() -> BTreeMap<String, Vec<Declared>> {
    let mut declared: BTreeMap<String, Vec<Declared>> = BTreeMap::new();
    for source in hand_written() {
        let text = fs::read_to_string(root().join(&source.name)).unwrap();
        for (name, public) in types_in(&syn::parse_file(&text).unwrap().items) {
            declared.entry(name).or_default().push(Declared { file: source.name.clone(), public });
        }
    }
    declared
}

/// The types that are declared, and whether they are public; those of tests are left out.
fn types_in(items: &[Item]) -> Vec<(String, bool)> {
    let mut types = Vec::new();
    for item in items {
        let (name, visibility) = match item {
            Item::Struct(item) => (&item.ident, &item.vis),
            Item::Enum(item) => (&item.ident, &item.vis),
            Item::Trait(item) => (&item.ident, &item.vis),
            Item::Type(item) => (&item.ident, &item.vis),
            Item::Union(item) => (&item.ident, &item.vis),
            Item::Mod(item) if item.ident != "tests" => {
                types.extend(item.content.iter().flat_map(|(_, items)| types_in(items)));
                continue;
            }
            _ => continue,
        };
        types.push((name.to_string(), matches!(visibility, Visibility::Public(_))));
    }
    types
}

/// A sentence for each name that several types have without a reason.
fn ambiguous(declared: &BTreeMap<String, Vec<Declared>>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, types) in declared {
        let is_shared = SHARED.iter().any(|(shared, _)| shared == name);
        let others = |at: usize| types.iter().skip(at + 1);
        if types.iter().enumerate().any(|(at, one)| others(at).any(|other| one.meets(other, is_shared))) {
            let files: Vec<&str> = types.iter().map(|declared| declared.file.as_str()).collect();
            found.push(format!("{name}: {}", files.join(", ")));
        }
    }
    found
}

/// What types of one name have in common: that they are of the spec, or the file.
fn meaning(file: &str) -> &str {
    if OF_THE_SPEC.iter().any(|place| file.starts_with(place)) { "the spec" } else { file }
}

#[test]
fn planted_names_are_found() {
    let _limit = partnerstack_tests::limit();
    let text =
        "struct A; pub enum B {} trait C { type Inner; } pub(crate) type D = u8; mod inner { pub struct E; }
        mod tests { struct F; } fn f() {} impl A { const G: u8 = 0; }";
    let types = types_in(&syn::parse_file(text).unwrap().items);
    let types: Vec<(&str, bool)> = types.iter().map(|(name, public)| (name.as_str(), *public)).collect();
    assert_eq!(types, [("A", false), ("B", true), ("C", false), ("D", false), ("E", true)]);

    let declared_in = |name: &str, public: bool, files: &[&str]| {
        let declared = files.iter().map(|file| Declared { file: (*file).to_owned(), public });
        (name.to_owned(), declared.collect::<Vec<_>>())
    };
    let found = ambiguous(&BTreeMap::from([
        declared_in("Fault", false, &["connector/src/row/fault.rs", "connector/src/sandbox/fault.rs"]),
        declared_in(
            "Hint",
            true,
            &["codegen/src/syntax.rs", "codegen/src/model.rs", "connector/src/api/spec.rs"],
        ),
        declared_in("Item", false, &["codegen/src/emit/file.rs", "connector/src/sync/plan.rs"]),
        declared_in("Mode", true, &["codegen/src/model.rs", "connector/src/cli/mode.rs"]),
        declared_in("Reader", false, &["connector/src/source/open.rs", "connector/src/source/open.rs"]),
        declared_in("Report", true, &["codegen/src/diagnostic.rs", "connector/src/report/counts.rs"]),
        declared_in("Unit", true, &["codegen/src/syntax.rs", "codegen/src/syntax.rs"]),
    ]));
    let names: Vec<&str> = found.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["Fault", "Mode", "Reader", "Unit"]);
}
