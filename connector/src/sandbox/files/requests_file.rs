//! What the sandbox got, a line of JSON for each request. It holds what rows hold, so only its owner can read it.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::files::output::Output;
use crate::report::failures::begin::begins_with;

/// The first keys of each line; no other file of ours has them.
const OWN_KEYS: [&str; 3] = ["method", "path", "body"];

/// Writes what the sandbox got. The file is put in its place at the end.
pub struct RequestsFile {
    path: PathBuf,
    output: Output,
}

impl RequestsFile {
    /// A file at a path, which no other process writes from now on.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        let mut output = Output::at(&path, |file: &mut File| begins_with(file, OWN_KEYS))?;
        output.check()?;
        output.claim()?;
        Ok(Self { path, output })
    }

    /// As it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files that are written or replaced.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        self.output.files()
    }

    /// Adds a request. A body that is no JSON is written as text.
    pub(in crate::sandbox) fn write(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
    ) -> io::Result<()> {
        let body = match body {
            None | Some([]) => Value::Null,
            Some(body) => serde_json::from_slice(body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned())),
        };
        let writer = self.output.writer()?;
        writeln!(writer, "{}", json!({"method": method, "path": path, "body": body}))
    }

    /// Puts the file in its place.
    pub(in crate::sandbox) fn finish(self) -> io::Result<()> {
        self.output.put()
    }
}
