//! No test can hang: each says at its beginning that it has a limit.
#![cfg(test)]

use std::process::Command;
use std::time::Duration;
use std::{env, fs, thread};

use partnerstack_tests::able::able;
use partnerstack_tests::process::Process;
use syn::{Attribute, Expr, Item, ItemFn, Pat, Stmt};

use crate::invariants::rust::{root, sources_in};

#[test]
fn every_test_begins_with_its_limit() {
    let _limit = partnerstack_tests::limit();
    let mut tests = 0;
    let mut without = Vec::new();
    for source in sources_in("tests/all") {
        let text = fs::read_to_string(root().join(&source.name)).unwrap();
        for test in tests_of(syn::parse_file(&text).unwrap().items) {
            tests += 1;
            if !begins_with_limit(&test) {
                without.push(format!("{}: {}", source.name, test.sig.ident));
            }
        }
    }
    assert!(tests > 500, "there are more tests than {tests}");
    assert!(
        without.is_empty(),
        "begin these with `let _limit = partnerstack_tests::limit();`, so that they cannot hang:\n{}",
        without.join("\n")
    );
}

#[test]
fn a_test_without_a_limit_is_noticed() {
    let _limit = partnerstack_tests::limit();
    let planted = "
        #[test] fn one() { const ONE: u8 = 1; let _limit = partnerstack_tests::limit(); }
        #[tokio::test] async fn two() { let _limit = partnerstack_tests::limit_of(HOUR); work().await; }
        mod inner { #[test] fn three() { work(); let _limit = partnerstack_tests::limit(); } }
        #[test] fn four() { let _ = partnerstack_tests::limit(); }
        fn helper() {}
    ";
    let tests = tests_of(syn::parse_file(planted).unwrap().items);
    let limited: Vec<bool> = tests.iter().map(begins_with_limit).collect();
    assert_eq!(limited, [true, true, false, false], "a limit that no name keeps ends at once");
}

const HANGS: &str = "PARTNERSTACK_TEST_HANGS";

/// By itself, this test does nothing.
#[test]
fn a_test_that_hangs() {
    let _limit = partnerstack_tests::limit_of(Duration::ZERO);
    while env::var_os(HANGS).is_some() {
        thread::park();
    }
}

#[test]
fn a_test_that_outlives_its_limit_ends_the_run_and_is_named() {
    let _limit = partnerstack_tests::limit();
    let name = "limits::a_test_that_hangs";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--test-threads=2"]).env(HANGS, "1");
    let ended = Process::start(command).end();
    assert_eq!(ended.code, None, "it ends by a signal: {ended:?}");
    assert!(ended.stderr.contains("these tests do not end") && ended.stderr.contains(name), "{ended:?}");
}

#[test]
fn a_test_that_cannot_run_fails_in_ci_and_says_so_elsewhere() {
    let _limit = partnerstack_tests::limit();
    for (ci, ends_well) in [(None, true), (Some("true"), false)] {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "limits::a_test_that_cannot_run"]).env(CANNOT_RUN, "1").env_remove("CI");
        command.envs(ci.map(|ci| ("CI", ci)));
        let ended = Process::start(command).end();
        assert_eq!(ended.code == Some(0), ends_well, "CI={ci:?}: {ended:?}");
        assert!(ended.stderr.contains("NOT RUN: limits::a_test_that_cannot_run needs wings"), "{ended:?}");
    }
}

const CANNOT_RUN: &str = "PARTNERSTACK_TEST_CANNOT_RUN";

/// By itself, this test does nothing.
#[test]
fn a_test_that_cannot_run() {
    let _limit = partnerstack_tests::limit();
    if env::var_os(CANNOT_RUN).is_some() {
        assert!(!able(false, "wings"));
    }
}

fn tests_of(items: Vec<Item>) -> Vec<ItemFn> {
    let tests = items.into_iter().flat_map(|item| match item {
        Item::Fn(function) if function.attrs.iter().any(is_test) => vec![function],
        Item::Mod(module) => tests_of(module.content.map(|(_, items)| items).unwrap_or_default()),
        _ => Vec::new(),
    });
    tests.collect()
}

/// `#[test]`, or that of an asynchronous runtime.
fn is_test(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|name| name.ident == "test")
}

/// The first statement that does anything is the limit, kept by a name.
fn begins_with_limit(test: &ItemFn) -> bool {
    let first = test.block.stmts.iter().find(|statement| !matches!(statement, Stmt::Item(_)));
    let Some(Stmt::Local(first)) = first else { return false };
    let kept = matches!(&first.pat, Pat::Ident(name) if name.ident == "_limit");
    kept && first.init.as_ref().is_some_and(|init| makes_limit(&init.expr))
}

fn makes_limit(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    let Expr::Path(path) = call.func.as_ref() else { return false };
    let names: Vec<String> = path.path.segments.iter().map(|name| name.ident.to_string()).collect();
    names == ["partnerstack_tests", "limit"] || names == ["partnerstack_tests", "limit_of"]
}
