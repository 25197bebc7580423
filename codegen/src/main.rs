//! The command behind `cargo spec`: checks the spec with source and caret, or prints what is generated from it.
#![expect(
    clippy::disallowed_methods,
    reason = "the command reads the environment, so that the generator need not"
)]

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use partnerstack_codegen::source::Folder;
use partnerstack_codegen::{OutputFile, Report, generate_from, nearest};

const HELP: &str = "\
Checks the spec of the API, and shows what is generated from it.

Usage: cargo spec check [--spec FOLDER]
       cargo spec print [OBJECT] [--spec FOLDER]

check   says what is wrong with the spec, with the place in its files; exit 1 if anything is
print   writes the generated Rust to stdout: that of one object by its singular, of the API as a whole (api), or all

--spec  the folder that holds api.yaml and objects/; default: PARTNERSTACK_SPEC_DIR, else spec
";

fn main() -> ExitCode {
    match run(env::args_os().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has closed the pipe and wants no more.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

/// Why there is no output.
enum Failure {
    /// The arguments mean nothing.
    Usage(String),
    /// The spec is wrong.
    Spec(Report),
    /// The output could not be written.
    Output(io::Error),
}

fn run(arguments: Vec<OsString>) -> Result<(), Failure> {
    let Arguments { command, folder } = read_arguments(arguments)?;
    let text = match command {
        Command::Help => HELP.to_owned(),
        Command::Check => check(&folder)?,
        Command::Print(name) => print(&folder, name.as_deref())?,
    };
    io::stdout().write_all(text.as_bytes()).map_err(Failure::Output)
}

struct Arguments {
    command: Command,
    folder: PathBuf,
}

enum Command {
    Help,
    Check,
    Print(Option<String>),
}

fn read_arguments(arguments: Vec<OsString>) -> Result<Arguments, Failure> {
    let mut folder =
        env::var_os("PARTNERSTACK_SPEC_DIR").map_or_else(|| PathBuf::from("spec"), PathBuf::from);
    let mut words = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.to_string_lossy().as_ref() {
            "--help" | "-h" => return Ok(Arguments { command: Command::Help, folder }),
            "--spec" => {
                folder = arguments
                    .next()
                    .ok_or_else(|| Failure::Usage("--spec needs a folder".to_owned()))?
                    .into();
            }
            argument if argument.starts_with("--spec=") => {
                folder = argument.trim_start_matches("--spec=").into();
            }
            flag if flag.starts_with('-') => {
                return Err(Failure::Usage(format!("there is no flag `{flag}`")));
            }
            word => words.push(word.to_owned()),
        }
    }
    let mut words = words.into_iter();
    let command = match (words.next().as_deref(), words.next()) {
        (None, _) | (Some("help"), None) => Command::Help,
        (Some("check"), None) => Command::Check,
        (Some("print"), name) => Command::Print(name),
        (Some("check" | "help"), Some(word)) => {
            return Err(Failure::Usage(format!("`{word}` is one argument too many")));
        }
        (Some(word), _) => return Err(Failure::Usage(near(word, &["check", "print", "help"], "command"))),
    };
    match words.next() {
        Some(word) => Err(Failure::Usage(format!("`{word}` is one argument too many"))),
        None => Ok(Arguments { command, folder }),
    }
}

/// What was read, in one line.
fn check(folder: &Path) -> Result<String, Failure> {
    let files = generate(folder)?;
    let objects: Vec<&str> = modules(&files).filter(|name| *name != "api").collect();
    Ok(format!(
        "{}: no mistakes in api.yaml and {} ({})\n",
        folder.display(),
        count(objects.len()),
        objects.join(", ")
    ))
}

fn count(objects: usize) -> String {
    if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") }
}

fn print(folder: &Path, name: Option<&str>) -> Result<String, Failure> {
    let files = generate(folder)?;
    let Some(name) = name else {
        let files = files.iter().map(|file| format!("// ---- {}\n\n{}", file.name, file.text));
        return Ok(files.collect::<Vec<_>>().join("\n"));
    };
    let file = files.iter().find(|file| file.name == format!("{name}.rs"));
    let known: Vec<&str> = modules(&files).collect();
    file.map(|file| file.text.clone()).ok_or_else(|| Failure::Usage(near(name, &known, "object")))
}

fn generate(folder: &Path) -> Result<Vec<OutputFile>, Failure> {
    Folder::read(folder).and_then(|folder| generate_from(&folder)).map_err(Failure::Spec)
}

/// The names of the files, without `mod.rs`.
fn modules(files: &[OutputFile]) -> impl Iterator<Item = &str> {
    files.iter().filter_map(|file| file.name.strip_suffix(".rs")).filter(|name| *name != "mod")
}

fn near(word: &str, known: &[&str], what: &str) -> String {
    match nearest(word, known.iter().copied()) {
        Some(nearest) => format!("there is no {what} `{word}`, did you mean `{nearest}`?"),
        None => format!("there is no {what} `{word}`; there are {}", known.join(", ")),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    let colour = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let (text, code) = match failure {
        Failure::Usage(message) => {
            (format!("error: {message}\n\n`cargo spec --help` says what there is\n"), 2)
        }
        Failure::Spec(report) => (format!("{}\n\n{}\n", report.render(colour), report.count()), 1),
        Failure::Output(error) => (format!("error: cannot write the output: {error}\n"), 1),
    };
    // Where not even that can be written, the exit code has to do.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(code)
}
