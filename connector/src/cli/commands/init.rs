//! `partnerstack init`: a sync file for a source.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::args::commands::InitArgs;
use crate::cli::screen::streams::Desk;
use crate::error::SetupError;
use crate::init::{Draft, draft};
use crate::mapping::columns::PLACEHOLDER;
use crate::run::exit::{DONE, SETUP};
use crate::text::printable::one_line;

/// Writes the sync file and says what is to be done with it.
pub(in crate::cli) fn run(args: &InitArgs, streams: &mut Desk<'_>) -> io::Result<u8> {
    match write(args, streams.stdout) {
        Ok((draft, path)) => {
            say(&draft, path.as_deref(), streams)?;
            Ok(DONE)
        }
        Err(error) => {
            writeln!(streams.stderr, "error: {error}")?;
            Ok(SETUP)
        }
    }
}

/// Writes the file, and says where; none: to standard output.
fn write(args: &InitArgs, stdout: &mut dyn io::Write) -> Result<(Draft, Option<PathBuf>), SetupError> {
    let source = args.source.as_path();
    if source == Path::new("-") {
        return Err(SetupError::new("standard input cannot be named in a sync file before it is read")
            .help("write it to a file, and name that"));
    }
    let stdin = Path::new("-");
    let path = match &args.output {
        Some(path) if path == stdin => None,
        Some(path) => Some(path.clone()),
        None => Some(source.with_extension("yaml")),
    };
    if let Some(path) = &path {
        refuse_existing(path)?;
    }
    let named = named(source, path.as_deref());
    let draft = draft(source, &named, args.object.as_deref())?;
    let failed =
        |error: io::Error, shown: &str| SetupError::new(format!("{shown} cannot be written: {error}"));
    match &path {
        None => stdout.write_all(draft.text.as_bytes()).map_err(|error| failed(error, "standard output"))?,
        Some(path) => {
            let shown = format!("`{}`", one_line(&path.display().to_string()));
            let file = OpenOptions::new().write(true).create_new(true).open(path);
            let mut file = file.map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => exists(path),
                _ => failed(error, &shown),
            })?;
            file.write_all(draft.text.as_bytes()).map_err(|error| failed(error, &shown))?;
        }
    }
    Ok((draft, path))
}

/// How the sync file names the source: by its file name where they lie side by side.
fn named(source: &Path, path: Option<&Path>) -> String {
    let folder =
        |path: &Path| std::path::absolute(path).ok().and_then(|path| path.parent().map(Path::to_owned));
    let beside = path.is_none_or(|path| folder(path) == folder(source));
    match source.file_name() {
        Some(name) if beside => name.to_string_lossy().into_owned(),
        _ => std::path::absolute(source).unwrap_or_else(|_| source.to_owned()).display().to_string(),
    }
}

fn refuse_existing(path: &Path) -> Result<(), SetupError> {
    match path.symlink_metadata() {
        Ok(_) => Err(exists(path)),
        Err(_) => Ok(()),
    }
}

fn exists(path: &Path) -> SetupError {
    let shown = one_line(&path.display().to_string());
    SetupError::new(format!("`{shown}` exists, and is not replaced"))
        .help("say --output PATH for another one, or --output - to see it first")
}

fn say(draft: &Draft, path: Option<&Path>, streams: &mut Desk<'_>) -> io::Result<()> {
    let err = &mut *streams.stderr;
    let what = draft
        .title
        .clone()
        .unwrap_or_else(|| "an unknown export, matched by the names of its columns".to_owned());
    writeln!(err, "{what}: {} ({} rows read)", draft.object.name, draft.rows)?;
    for warning in &draft.warnings {
        writeln!(err, "warning: {warning}")?;
    }
    for field in &draft.edits {
        writeln!(err, "to write: `{field}`, which has {PLACEHOLDER} in it now")?;
    }
    for field in &draft.lacking {
        writeln!(err, "to map: `{field}`, for which no column was found")?;
    }
    let Some(path) = path else { return Ok(()) };
    let shown = one_line(&path.display().to_string());
    writeln!(
        err,
        "wrote {shown}; next:\n  partnerstack sync {shown} --dry-run\n  partnerstack sync {shown} --sandbox"
    )
}
