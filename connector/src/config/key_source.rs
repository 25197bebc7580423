//! Where a key of the API comes from, a variable or a file, and whether it can be one. No message repeats a key, nor a path
//! that may be one.

use std::path::Path;

use crate::error::SetupError;
use crate::http::credentials::Secret;
use crate::text::printable::{is_hidden, printable};
use crate::text::small_file;

/// What editors put before a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What the environment says about one key.
pub(super) struct KeySource<'e> {
    /// The variable that holds the key.
    pub(super) variable: &'static str,
    /// Its value.
    pub(super) text: Option<&'e str>,
    /// The value of the variable of the same name with `_FILE`: the path of a file that holds the key.
    pub(super) file: Option<String>,
}

impl KeySource<'_> {
    /// The key.
    pub(super) fn read(&self, keys_at: &str) -> Result<Secret, SetupError> {
        let (variable, of_file) = (self.variable, self.variable_of_file());
        let (text, name) = match (self.text, self.file.as_deref()) {
            (Some(text), _) => (text.to_owned(), variable.to_owned()),
            (None, Some(path)) => (self.text_of(path)?, format!("what the file of {of_file} holds")),
            (None, None) => {
                return Err(SetupError::new(format!("no credentials: {variable} is not set")).help(format_args!("the keys are in PartnerStack under {keys_at}; export {variable}, or {of_file} for a file that holds it; to try without keys: --sandbox")));
            }
        };
        let key = text.trim().trim_start_matches(BYTE_ORDER_MARK).trim();
        match fault_of(key) {
            Some(fault) => Err(SetupError::new(format!("{name} is not a key: {fault}")).help(format_args!(
                "copy it again from {keys_at}: the bare key, without anything around it"
            ))),
            None => Ok(Secret::new(key)),
        }
    }

    /// What is worth knowing about it although it can be used.
    pub(super) fn warnings(&self) -> Vec<String> {
        let of_file = self.variable_of_file();
        let (text, name, path) = match (self.text, self.file.as_deref()) {
            (Some(text), _) => (text.to_owned(), self.variable, None),
            (None, Some(path)) => (self.text_of(path).unwrap_or_default(), of_file.as_str(), Some(path)),
            (None, None) => return Vec::new(),
        };
        let mut warnings = Vec::new();
        if path.is_some_and(|path| small_file::others_can_read(Path::new(path))) {
            warnings.push(format!(
                "others on this machine can read the key in the file of {of_file}: chmod 600 {}",
                path.and_then(shown).unwrap_or("FILE")
            ));
        }
        if text.trim_start().starts_with(BYTE_ORDER_MARK) {
            warnings.push(format!(
                "the key of {name} is behind a byte order mark, which is no part of it and was left out; save it as UTF-8 \
                 without BOM"
            ));
        }
        warnings
    }

    fn variable_of_file(&self) -> String {
        format!("{}_FILE", self.variable)
    }

    fn text_of(&self, path: &str) -> Result<String, SetupError> {
        let of_file = self.variable_of_file();
        let bytes = small_file::read(Path::new(path)).map_err(|error| match shown(path) {
            Some(path) => SetupError::new(format!(
                "{of_file} names `{}`, which cannot be read: {error}",
                printable(path)
            ))
            .help("it has to be a file that holds the key and nothing else"),
            None => {
                SetupError::new(format!("what {of_file} names cannot be read: {error}")).help(format_args!(
                    "it has to be the path of a file that holds the key; the key itself belongs in {}",
                    self.variable
                ))
            }
        })?;
        String::from_utf8(bytes).map_err(|_| {
            SetupError::new(format!("the file of {of_file} is not UTF-8, so it holds no key"))
                .help("save it as plain text: the key and nothing else")
        })
    }
}

/// A path that may be shown, because it is certainly none of a key: a key can have slashes, but not the name of a folder
/// before them.
fn shown(path: &str) -> Option<&str> {
    let written_as_path = ["/", "./", "../", "~/"].iter().any(|start| path.starts_with(start));
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    (written_as_path || Path::new(path).is_file() || folder.is_some_and(Path::is_dir)).then_some(path)
}

/// Why a text is no key, without showing it.
fn fault_of(key: &str) -> Option<String> {
    let character = |c: char| format!("U+{:04X}", u32::from(c));
    let quotes = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}'];
    if key.is_empty() {
        return Some("it is empty".to_owned());
    }
    if key.starts_with(quotes) || key.ends_with(quotes) {
        return Some("it has quotes around it, which are not part of a key".to_owned());
    }
    if key.contains(['\n', '\r']) {
        return Some("it has more than one line".to_owned());
    }
    if let Some(c) = key.chars().find(|c| c.is_control() || is_hidden(*c)) {
        return Some(format!("it has a control or invisible character in it ({})", character(c)));
    }
    if key.chars().any(char::is_whitespace) {
        return Some("it has a blank in it".to_owned());
    }
    let c = key.chars().find(|c| !c.is_ascii())?;
    Some(format!("it has a character in it that no key has ({})", character(c)))
}
