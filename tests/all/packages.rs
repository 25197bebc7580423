//! The packages that the project was ordered with are its direct dependencies, and each is used.
#![cfg(test)]

use std::fs;

use crate::invariants::rust::{Source, root, sources_in};

/// The order's packages, by the names under which sources use them.
const ORDERED: [&str; 9] =
    ["serde", "serde_yaml", "quote", "syn", "proc_macro2", "reqwest", "tokio", "insta", "httpmock"];

/// The members of the workspace, each with the folders of its sources.
const MEMBERS: [(&str, &[&str]); 3] = [
    ("codegen", &["codegen/src"]),
    ("connector", &["connector/src"]),
    ("tests", &["tests/all", "tests/harness", "tests/benches"]),
];

#[test]
fn every_package_of_the_order_is_a_direct_dependency_and_used() {
    let _limit = partnerstack_tests::limit();
    let members = MEMBERS.map(|(name, folders)| {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        let sources: Vec<Source> = folders.iter().flat_map(|folder| sources_in(folder)).collect();
        (dependencies(&manifest), sources)
    });
    for package in ORDERED {
        let depends = |known: &[String]| known.iter().any(|name| name == package);
        let names = |source: &Source| source.paths.iter().any(|path| path.len() > 1 && path[0] == package);
        let used = members.iter().any(|(known, sources)| depends(known) && sources.iter().any(names));
        assert!(used, "no member both depends on `{package}` and uses it");
    }
}

/// The packages that a manifest names as dependencies, as sources write them.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.ends_with("dependencies]");
        } else if inside
            && !line.starts_with('#')
            && let Some(end) = line.find(['.', ' ', '='])
        {
            found.push(line[..end].replace('-', "_"));
        }
    }
    found
}

#[test]
fn dependencies_are_told_from_other_keys_of_a_manifest() {
    let _limit = partnerstack_tests::limit();
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nproc-macro2.workspace = true\n# a comment\n\n\
                    syn = { workspace = true }\n[features]\nquote = []\n[dev-dependencies]\ninsta.workspace = true\n";
    assert_eq!(dependencies(manifest), ["proc_macro2", "syn", "insta"]);
}
