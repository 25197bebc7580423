//! Why the command ends without its output, and how that is said.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use partnerstack_codegen::accept::FileChange;
use partnerstack_codegen::{Report, nearest};

/// Why there is no output.
pub(crate) enum Failure {
    /// The arguments mean nothing.
    Usage(String),
    /// The spec is wrong.
    Spec(Report),
    /// A derived file cannot be compared or written.
    File(String),
    /// These files are out of date.
    Outdated(Vec<FileChange>),
    /// The tests that write the other snapshots failed.
    Tests,
    /// The output could not be written.
    Output(io::Error),
}

/// Says what went wrong on stderr.
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    let colour = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let (text, code) = match failure {
        Failure::Usage(message) => {
            (format!("error: {message}\n\n`cargo spec --help` says what there is\n"), 2)
        }
        Failure::Spec(report) => (format!("{}\n\n{}\n", report.render(colour), report.count()), 1),
        Failure::File(message) => (format!("error: {message}\n"), 1),
        Failure::Outdated(changes) => (outdated(changes), 1),
        Failure::Tests => {
            ("error: the tests above failed, so their snapshots may be those of before\n".to_owned(), 1)
        }
        Failure::Output(error) => (format!("error: cannot write the output: {error}\n"), 1),
    };
    // Where stderr cannot be written either, the exit code says enough.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(code)
}

fn outdated(changes: &[FileChange]) -> String {
    let paths: Vec<String> = changes.iter().map(|change| format!("  {}", change.path.display())).collect();
    format!(
        "error: these files do not match the spec:\n{}\n\nrun `cargo spec accept`, and review what it changes\n",
        paths.join("\n")
    )
}

/// There is no such word, and which one was probably meant.
pub(crate) fn near(word: &str, known: &[&str], what: &str) -> String {
    match nearest(word, known.iter().copied()) {
        Some(nearest) => format!("there is no {what} `{word}`, did you mean `{nearest}`?"),
        None => format!("there is no {what} `{word}`; there are {}", known.join(", ")),
    }
}
