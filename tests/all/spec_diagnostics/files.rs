//! Folders and bytes: mistakes that a text cannot have.

use std::fs;
use std::path::Path;

use partnerstack_codegen::generate;
use partnerstack_codegen::source::{Folder, decode};

use super::{assert_text, looks};

#[test]
fn folder_missing() {
    let _limit = partnerstack_tests::limit();
    let report = generate(Path::new("no/such/folder")).expect_err("it does not exist");
    assert_text("folder_missing", &looks(&report));
}

#[test]
fn files_missing() {
    let _limit = partnerstack_tests::limit();
    assert_text("files_missing", &read(|_| {}));
}

#[test]
fn files_unreadable() {
    let _limit = partnerstack_tests::limit();
    // A folder can be called like a file.
    assert_text(
        "files_unreadable",
        &read(|folder| {
            fs::write(folder.join("api.yaml"), b"title: L\xe9on\n").expect("a file");
            fs::create_dir_all(folder.join("objects/loans.yaml")).expect("a folder");
            fs::write(folder.join("objects/readers.yml"), "name: readers\n").expect("a file");
            fs::write(folder.join("objects/.readers.yaml.swp"), "").expect("a file");
            fs::write(folder.join("objects/README.md"), "").expect("a file");
        }),
    );
}

#[test]
fn bytes_before_the_wrong_one_count_as_characters() {
    let _limit = partnerstack_tests::limit();
    let report =
        decode("spec/api.yaml", b"title: \xc3\xa9\ntitle: \xc3\xa9\xff").expect_err("0xff is never UTF-8");
    assert_text("not_utf8", &looks(&report));
}

#[test]
fn a_byte_order_mark_is_no_text() {
    let _limit = partnerstack_tests::limit();
    let source = decode("spec/api.yaml", b"\xef\xbb\xbftitle: x").expect("it is UTF-8");
    assert_eq!(source.text(), "title: x");
}

/// What is said of a folder, which is called `spec` whatever it is called.
fn read(fill: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let report = Folder::read(folder.path()).expect_err("something is wrong with it");
    looks(&report).replace(&folder.path().display().to_string(), "spec")
}
