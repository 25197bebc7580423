//! What is generated from the spec, for review: a diff of these snapshots is what an edit of the spec means.
#![cfg(test)]

use std::path::Path;

use insta::Settings;
use partnerstack_codegen::{OutputFile, generate};
use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::generated::API;

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec");

#[test]
fn generated_files() {
    let _limit = partnerstack_tests::limit();
    for OutputFile { name, text } in generated() {
        assert_text(&name, &text);
    }
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(generated(), generated());
}

/// The matrix as the connector was built with it, which `describe` and the README show too.
#[test]
fn mode_matrix() {
    let _limit = partnerstack_tests::limit();
    let mut matrix = Vec::new();
    for object in API.objects {
        for mode in Mode::ALL {
            let cell = match object.steps(mode) {
                Ok(steps) => {
                    let steps = steps
                        .iter()
                        .map(|step| format!("{} {}", step.operation.method.name(), step.operation.path));
                    steps.collect::<Vec<_>>().join(", else ")
                }
                Err(reason) => format!("no: {reason}"),
            };
            matrix.push(format!("{:<13} {:<7} {cell}", object.name, mode.name()));
        }
    }
    assert_text("mode_matrix", &matrix.join("\n"));
}

fn generated() -> Vec<OutputFile> {
    generate(Path::new(SPEC)).unwrap_or_else(|report| panic!("{}", report.render(false)))
}

fn assert_text(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots/spec_generated");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
