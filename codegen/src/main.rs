//! The command behind `cargo spec`: checks the spec with source and caret, or prints what is generated from it or what
//! editors know of it, and accepts what is derived from it.
#![expect(
    clippy::disallowed_methods,
    reason = "the command reads the environment, so that the generator need not"
)]

mod snapshots;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use partnerstack_codegen::accept::{self, Change, Obstacle};
use partnerstack_codegen::source::Folder;
use partnerstack_codegen::{OutputFile, Report, generate_from, nearest, schema};

const HELP: &str = "\
Checks the spec of the API, and shows what is generated from it.

Usage: cargo spec check [--spec FOLDER]
       cargo spec print [OBJECT] [--spec FOLDER]
       cargo spec schema [api|object|cases]
       cargo spec accept [--check] [--spec FOLDER]

check   says what is wrong with the spec, with the place in its files; exit 1 if anything is
print   writes the generated Rust to stdout: that of one object by its singular, of the API as a whole (api), or all
schema  writes the JSON Schema of a kind of file to stdout, for editors: that of api.yaml, of objects/*.yaml (object),
        of cases/*.yaml (cases), or all in one JSON object
accept  rewrites what is derived from the spec and committed: its reference and schemas; and in a workspace the matrix
        of the README, and the snapshots in tests/, for some of which it runs the tests that assert them

--check with accept: writes nothing and builds nothing, names the files that would change; exit 1 if there are any
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
    /// A derived file cannot be compared or written.
    File(String),
    /// These files are not what the spec makes of them.
    Outdated(Vec<Change>),
    /// The tests that write the other snapshots failed.
    Tests,
    /// The output could not be written.
    Output(io::Error),
}

fn run(arguments: Vec<OsString>) -> Result<(), Failure> {
    let Arguments { command, folder } = read_arguments(arguments)?;
    let text = match command {
        Command::Help => HELP.to_owned(),
        Command::Check => check(&folder)?,
        Command::Print(name) => print(&folder, name.as_deref())?,
        Command::Accept { check } => accept(&folder, check)?,
        Command::Schema(name) => print_schema(name.as_deref())?,
    };
    say(&text)
}

fn say(text: &str) -> Result<(), Failure> {
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
    Accept { check: bool },
    Schema(Option<String>),
}

fn read_arguments(arguments: Vec<OsString>) -> Result<Arguments, Failure> {
    let mut folder =
        env::var_os("PARTNERSTACK_SPEC_DIR").map_or_else(|| PathBuf::from("spec"), PathBuf::from);
    let mut words = Vec::new();
    let mut only_check = false;
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
            "--check" => only_check = true,
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
        (Some("schema"), name) => Command::Schema(name),
        (Some("accept"), None) => Command::Accept { check: only_check },
        (Some("check" | "help" | "accept"), Some(word)) => {
            return Err(Failure::Usage(format!("`{word}` is one argument too many")));
        }
        (Some(word), _) => {
            return Err(Failure::Usage(near(
                word,
                &["check", "print", "schema", "accept", "help"],
                "command",
            )));
        }
    };
    if only_check && !matches!(command, Command::Accept { .. }) {
        return Err(Failure::Usage("`--check` belongs to `accept`".to_owned()));
    }
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

/// Writes what the spec makes, with a line for each file as it is written; or names the files that would be.
fn accept(folder: &Path, only_check: bool) -> Result<String, Failure> {
    let changes = accept::changes(folder).map_err(|obstacle| match obstacle {
        Obstacle::Spec(report) => Failure::Spec(report),
        Obstacle::Markers(path) => Failure::File(format!(
            "{} lacks the lines `{}`, between which the mode matrix stands",
            path.display(),
            accept::MARKERS.join("` and `")
        )),
        Obstacle::File(path, error) => Failure::File(format!("cannot read {}: {error}", path.display())),
    })?;
    if only_check && !changes.is_empty() {
        return Err(Failure::Outdated(changes));
    }
    for change in &changes {
        change
            .apply()
            .map_err(|error| Failure::File(format!("cannot write {}: {error}", change.path.display())))?;
        let verb = if change.text.is_some() { "wrote" } else { "removed" };
        say(&format!("{verb} {}\n", change.path.display()))?;
    }
    let written = if only_check { 0 } else { accept::workspace(folder).map_or(Ok(0), snapshots::accept)? };
    Ok(if changes.is_empty() && written == 0 {
        format!("{}: everything derived from it is as it should be\n", folder.display())
    } else {
        String::new()
    })
}

/// The schema of one kind of file, or of all in one object.
fn print_schema(name: Option<&str>) -> Result<String, Failure> {
    let schemas = schema::all();
    let Some(name) = name else {
        return Ok(schema::text(&schemas.into_iter().collect()));
    };
    let found = schemas.iter().find(|(known, _)| *known == name);
    let known: Vec<&str> = schemas.iter().map(|(known, _)| *known).collect();
    found.map(|(_, found)| schema::text(found)).ok_or_else(|| Failure::Usage(near(name, &known, "schema")))
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
        Failure::File(message) => (format!("error: {message}\n"), 1),
        Failure::Outdated(changes) => (outdated(changes), 1),
        Failure::Tests => {
            ("error: the tests above failed, so their snapshots may be those of before\n".to_owned(), 1)
        }
        Failure::Output(error) => (format!("error: cannot write the output: {error}\n"), 1),
    };
    // Where not even that can be written, the exit code has to do.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(code)
}

fn outdated(changes: &[Change]) -> String {
    let paths: Vec<String> = changes.iter().map(|change| format!("  {}", change.path.display())).collect();
    format!(
        "error: these are not what the spec makes of them:\n{}\n\nrun `cargo spec accept`, and review what it changes\n",
        paths.join("\n")
    )
}
