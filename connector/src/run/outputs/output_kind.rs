//! What all outputs that a user names have in common: whether they may be written, and the words for it.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::SetupError;
use crate::files;
use crate::files::identity::is_same;
use crate::files::output::Output;

/// A kind of output.
pub(in crate::run) struct OutputKind {
    /// How messages call it.
    pub(in crate::run) what: &'static str,
    /// The flag that names it.
    pub(in crate::run) flag: &'static str,
    /// A name that it could have.
    pub(in crate::run) example: &'static str,
}

impl OutputKind {
    /// The folder of the output has to be there.
    pub(in crate::run) fn has_folder(&self, path: &Path) -> Result<(), SetupError> {
        let folder = files::folder::of(path);
        if folder.is_dir() {
            return Ok(());
        }
        let Self { what, flag, .. } = self;
        let error = SetupError::new(format!("the folder of {what} does not exist: `{}`", folder.display()));
        Err(error.help(format_args!("make it, or name another one: {flag} FILE")))
    }

    /// The output can be written, and is none of the other files, each with how messages call it.
    pub(in crate::run) fn check(
        &self,
        output: &mut Output,
        others: impl IntoIterator<Item = (&'static str, PathBuf)>,
    ) -> Result<(), SetupError> {
        for (other, path) in others {
            if output.files().iter().any(|written| is_same(written, &path)) {
                let Self { what, flag, example } = self;
                let error = SetupError::new(format!("{what} is {other}: it would take its place"));
                return Err(error.help(format_args!("name another one: {flag} {example}")));
            }
        }
        output.check().map_err(|error| self.cannot_be_written(output.path(), &error))
    }

    /// Keeps other runs from writing it.
    pub(in crate::run) fn claim(&self, output: Option<&mut Output>) -> Result<(), SetupError> {
        let Some(output) = output else { return Ok(()) };
        output.claim().map_err(|error| self.cannot_be_written(output.path(), &error))
    }

    /// Why it cannot be written.
    pub(in crate::run) fn cannot_be_written(&self, path: &Path, error: &io::Error) -> SetupError {
        let Self { what, flag, .. } = self;
        SetupError::new(format!("{what} `{}` cannot be written: {error}", path.display()))
            .help(format_args!("name another one: {flag} FILE"))
    }
}
