//! What is said about a spec that is wrong: each mistake is made in a small spec that is right otherwise.
#![cfg(test)]

mod api;
mod fields;
mod files;
mod objects;
mod values;
mod yaml;

use std::collections::BTreeSet;

use insta::Settings;
use partnerstack_codegen::Report;
use partnerstack_codegen::diagnostic::CODES;
use partnerstack_codegen::generate_from;
use partnerstack_codegen::source::Folder;
use partnerstack_codegen::text::SourceText;

/// A spec with mistakes: the name of its snapshot, and what is changed in which file.
type Case = (&'static str, &'static [Edit]);

/// A file, a text that stands in it, and what takes its place.
type Edit = (&'static str, &'static str, &'static str);

const GOOD: [(&str, &str); 3] = [
    ("api.yaml", include_str!("specs/good/api.yaml")),
    ("objects/loans.yaml", include_str!("specs/good/objects/loans.yaml")),
    ("objects/readers.yaml", include_str!("specs/good/objects/readers.yaml")),
];

const ALL: [&[Case]; 5] = [api::CASES, fields::CASES, objects::CASES, values::CASES, yaml::CASES];

#[test]
fn what_is_right_passes() {
    let _limit = partnerstack_tests::limit();
    assert!(generate_from(&folder(&[])).is_ok());
}

#[test]
fn an_update_by_put_passes_where_the_spec_says_that_it_merges() {
    let _limit = partnerstack_tests::limit();
    let merges = ("objects/readers.yaml", "method: PATCH\n", "method: PUT\n    merges: true\n");
    assert!(generate_from(&folder(&[merges])).is_ok());
}

#[test]
fn mistakes_in_yaml_are_told() {
    let _limit = partnerstack_tests::limit();
    check(yaml::CASES);
}

#[test]
fn mistakes_in_values_are_told() {
    let _limit = partnerstack_tests::limit();
    check(values::CASES);
}

#[test]
fn mistakes_in_the_api_file_are_told() {
    let _limit = partnerstack_tests::limit();
    check(api::CASES);
}

#[test]
fn mistakes_in_fields_are_told() {
    let _limit = partnerstack_tests::limit();
    check(fields::CASES);
}

#[test]
fn mistakes_in_objects_are_told() {
    let _limit = partnerstack_tests::limit();
    check(objects::CASES);
}

#[test]
fn many_in_several_files_are_said_at_once() {
    let _limit = partnerstack_tests::limit();
    // A stage says all that it finds, in the order of files and lines; the next one is not asked.
    check(&[
        (
            "many_keys",
            &[
                ("api.yaml", "base_url:", "baseurl:"),
                ("api.yaml", "  requests: 100", "  requests: many"),
                ("api.yaml", "success: [200]", "success: 200"),
                ("objects/loans.yaml", "min_length: 2", "min_length: -2"),
                ("objects/loans.yaml", "    unit: cents\n", "    unit: cent\n    unti: cents\n"),
                ("objects/loans.yaml", "    type: timestamp\n", ""),
                ("objects/readers.yaml", "singular: reader\ntitle: Readers\n", ""),
                ("objects/readers.yaml", "type: strings", "type: [string]"),
            ],
        ),
        (
            "many_meanings",
            &[
                ("api.yaml", "https://api.library.test/v1", "api.library.test"),
                ("api.yaml", "read: 2026-02-28", "read: 2026-02-29"),
                ("objects/loans.yaml", "maximum: 50000", "maximum: -1"),
                ("objects/loans.yaml", "[reader_key, reader_email]", "[reader_kee, reader_email]"),
                ("objects/readers.yaml", "method: GET", "method: POST"),
                ("objects/readers.yaml", "name: readers", "name: Readers"),
            ],
        ),
    ]);
}

#[test]
fn every_sentence_is_said_by_a_case() {
    let _limit = partnerstack_tests::limit();
    // What no edit of a small spec leads to: it is about folders and bytes, or about sync files.
    let elsewhere = ["S001", "S002", "S003", "S004", "S005", "S007", "S010", "S026", "S038", "S039"];
    let mut said: BTreeSet<&str> = elsewhere.into();
    for (_, edits) in ALL.into_iter().flatten() {
        said.extend(report(edits).diagnostics().iter().map(|diagnostic| diagnostic.sentence().code()));
    }
    let silent: Vec<&&str> = CODES.iter().filter(|code| !said.contains(**code)).collect();
    assert!(silent.is_empty(), "no case says {silent:?}");
}

/// Whatever a file looks like on the way from one state to the next, something is said or made.
#[test]
fn no_file_is_too_broken() {
    let _limit = partnerstack_tests::limit();
    for (file, text) in GOOD {
        let lines: Vec<&str> = text.lines().collect();
        let without_a_line = (0..lines.len()).step_by(3).map(|left_out| {
            let kept =
                lines.iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, line)| *line);
            kept.collect::<Vec<_>>().join("\n")
        });
        let cut = (0..text.len()).step_by(101).map(|end| text[..end].to_owned());
        for broken in without_a_line.chain(cut) {
            if let Err(report) = generate_from(&with(file, &broken)) {
                assert!(report.lines().count() > 0, "nothing is said about {broken}");
            }
        }
    }
}

/// Nothing is true without a source: each line that names one is needed.
#[test]
fn every_fact_needs_its_source() {
    let _limit = partnerstack_tests::limit();
    let mut needed = 0;
    for (file, text) in GOOD {
        let lines: Vec<&str> = text.lines().collect();
        for (left_out, _) in lines.iter().enumerate().filter(|(_, line)| line.trim() == "source: manual") {
            let kept = lines.iter().enumerate().filter(|(index, _)| *index != left_out);
            let text: Vec<&str> = kept.map(|(_, line)| *line).collect();
            let report = generate_from(&with(file, &text.join("\n"))).expect_err("a source is missing");
            assert!(report.to_string().contains("lacks `source`"), "{file}:{left_out}: {report}");
            needed += 1;
        }
    }
    assert!(needed > 30, "{needed}");
}

#[test]
fn codes_are_in_order() {
    let _limit = partnerstack_tests::limit();
    assert!(
        CODES.is_sorted_by(|one, other| one < other),
        "a code is used twice, or stands in the wrong place"
    );
}

#[test]
fn no_sentence_speaks_of_rust() {
    let _limit = partnerstack_tests::limit();
    for (name, edits) in ALL.into_iter().flatten() {
        let text = report(edits).to_string();
        for jargon in
            ["struct ", "enum ", "variant", "invalid type", "unit value", "u32", "i64", "serde", "Option"]
        {
            assert!(!text.contains(jargon), "{name} says {jargon:?}: {text}");
        }
    }
}

fn check(cases: &[Case]) {
    for (name, edits) in cases {
        assert_text(name, &looks(&report(edits)));
    }
}

/// Both looks of a report: the lines that a build shows, and source with carets.
fn looks(report: &Report) -> String {
    let lines: Vec<String> = report.lines().collect();
    format!("{}\n\n{}\n\n{}", lines.join("\n"), report.render(false), report.count())
}

fn assert_text(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots/spec_diagnostics");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn report(edits: &[Edit]) -> Report {
    generate_from(&folder(edits)).expect_err("the spec has a mistake")
}

fn folder(edits: &[Edit]) -> Folder {
    folder_of(GOOD.map(|(file, text)| {
        let mut text = text.to_owned();
        for (_, from, to) in edits.iter().filter(|(edited, _, _)| *edited == file) {
            assert!(text.contains(from), "{file} does not say {from:?}");
            text = text.replacen(from, to, 1);
        }
        (file, text)
    }))
}

fn with(changed: &str, text: &str) -> Folder {
    folder_of(
        GOOD.map(|(file, good)| (file, if file == changed { text.to_owned() } else { good.to_owned() })),
    )
}

/// The first is `api.yaml`.
fn folder_of(files: [(&str, String); 3]) -> Folder {
    let [api, objects @ ..] = files.map(|(file, text)| SourceText::new(&format!("spec/{file}"), &text));
    Folder { api, objects: objects.to_vec() }
}
