//! The folders of the sources: each has a `mod.rs` that only names its files, and no folder is too full.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Item, Visibility};

use crate::invariants::rust::{hand_written, root};

/// The most files of a folder, `mod.rs` not counted.
const FULLEST: usize = 12;

#[test]
fn no_folder_is_too_full() {
    let _limit = partnerstack_tests::limit();
    let files = names();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    // What lies in `src` itself are rooms, which are counted by the table of floors.
    for file in files.iter().filter(|file| !file.ends_with("/mod.rs")) {
        let folder = folder_of(file);
        if !folder.ends_with("/src") {
            *counts.entry(folder).or_default() += 1;
        }
    }
    assert!(counts.len() > 10, "the sources are somewhere else now");
    counts.retain(|_, count| *count > FULLEST);
    assert!(counts.is_empty(), "more than {FULLEST} files: {counts:?}");
}

#[test]
fn every_folder_of_the_connector_has_a_mod_file() {
    let _limit = partnerstack_tests::limit();
    let files = names();
    let mut missing: Vec<&str> = files
        .iter()
        .map(|file| folder_of(file))
        .filter(|folder| folder.starts_with("connector/src/"))
        .filter(|folder| !files.contains(&format!("{folder}/mod.rs")))
        .collect();
    missing.dedup();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_mod_file_holds_no_logic() {
    let _limit = partnerstack_tests::limit();
    let index = |file: &String| file.ends_with("/mod.rs") || file.ends_with("/lib.rs");
    let found: Vec<String> = names()
        .into_iter()
        .filter(index)
        .flat_map(|file| {
            let text = fs::read_to_string(root().join(&file)).unwrap();
            logic_in(&text).into_iter().map(move |what| format!("{file}: {what}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "a mod.rs has docs, `mod` lines and re-exports only:\n{}", found.join("\n"));
}

/// What a text has beyond docs, `mod` lines and re-exports.
fn logic_in(text: &str) -> Vec<&'static str> {
    let items = syn::parse_file(text).unwrap().items;
    let logic = items.iter().filter_map(|item| match item {
        Item::Mod(item) if item.content.is_none() => None,
        Item::Mod(_) => Some("a module with content"),
        Item::Use(item) if matches!(item.vis, Visibility::Inherited) => Some("an import of its own"),
        Item::Use(_) => None,
        Item::Fn(_) => Some("a function"),
        Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Type(_) | Item::Union(_) => Some("a type"),
        Item::Impl(_) => Some("an impl"),
        Item::Const(_) | Item::Static(_) => Some("a constant"),
        _ => Some("something else"),
    });
    logic.collect()
}

#[test]
fn planted_logic_is_found() {
    let _limit = partnerstack_tests::limit();
    let index =
        "//! Docs.\n#![expect(clippy::pedantic, reason = \"x\")]\nmod a;\n#[cfg(feature = \"x\")] pub mod b;
        pub use self::a::A; pub(crate) use self::b::B;";
    assert_eq!(logic_in(index), Vec::<&str>::new());
    let planted = "use std::io; fn f() {} struct S; impl S {} const C: u8 = 1; mod inner { fn g() {} }";
    let expected =
        ["an import of its own", "a function", "a type", "an impl", "a constant", "a module with content"];
    assert_eq!(logic_in(planted), expected);
}

/// The files of both crates, as paths in the repository.
fn names() -> Vec<String> {
    hand_written().into_iter().map(|source| source.name).collect()
}

fn folder_of(file: &str) -> &str {
    Path::new(file).parent().and_then(Path::to_str).unwrap()
}
