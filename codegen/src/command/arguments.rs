//! What the command is told to do.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::failure::{Failure, near};

pub(crate) const HELP: &str = "\
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

pub(crate) struct Arguments {
    pub(crate) command: Command,
    pub(crate) folder: PathBuf,
}

pub(crate) enum Command {
    Help,
    Check,
    Print(Option<String>),
    Accept { check: bool },
    Schema(Option<String>),
}

pub(crate) fn read(arguments: Vec<OsString>) -> Result<Arguments, Failure> {
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
