//! What the environment brings: credentials, folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::given::Given;
use super::key_source::KeySource;
use crate::api::ApiSpec;
use crate::error::SetupError;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::Credentials;
use crate::http::proxy::ProxySettings;
use crate::text::small_file::others_can_read;

const PUBLIC_KEY: &str = "PARTNERSTACK_PUBLIC_KEY";
const SECRET_KEY: &str = "PARTNERSTACK_SECRET_KEY";
const LEDGER: &str = "PARTNERSTACK_LEDGER";
/// What CI systems set.
const CI: &str = "CI";
const DIGEST_KEY_FILE: &str = "PARTNERSTACK_DIGEST_KEY_FILE";

/// The variables that a command may look at. It holds secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Standard error is not a terminal.
    no_terminal: bool,
    /// Standard error is the terminal of a person.
    on_terminal: bool,
}

impl Environment {
    /// The environment of this process. Variables that are not text are not ours.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            let name = name.into_string().ok()?;
            // A proxy that cannot be read must not be passed by: what is left of its name is refused.
            let proxy = name.to_ascii_uppercase().ends_with("_PROXY");
            let value = value.into_string();
            let value =
                if proxy { value.or_else(|value| Ok(value.to_string_lossy().into_owned())) } else { value };
            Some((name, value.ok()?))
        };
        Self {
            variables: std::env::vars_os().filter_map(text).collect(),
            no_terminal: false,
            on_terminal: false,
        }
    }

    /// An environment of these variables alone.
    #[must_use]
    pub fn of<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self { variables: variables.into_iter().map(owned).collect(), no_terminal: false, on_terminal: false }
    }

    /// The same without a terminal.
    #[must_use]
    pub fn without_terminal(self) -> Self {
        Self { no_terminal: true, on_terminal: false, ..self }
    }

    /// The same on a terminal, which is standard error.
    #[must_use]
    pub fn on_terminal(self) -> Self {
        Self { no_terminal: false, on_terminal: true, ..self }
    }

    /// Standard error is the terminal of a person.
    #[must_use]
    pub fn is_on_terminal(&self) -> bool {
        self.on_terminal
    }

    /// No colours are wanted (<https://no-color.org>).
    #[must_use]
    pub fn wants_no_colour(&self) -> bool {
        self.get("NO_COLOR").is_some_and(|value| !value.is_empty())
    }

    /// The terminal can do nothing but take text.
    #[must_use]
    pub fn has_dumb_terminal(&self) -> bool {
        self.get("TERM").is_none_or(|term| term == "dumb")
    }

    /// Why this is probably a job whose files are gone at its end, if it looks like one. A ledger that was named has a place
    /// that somebody has chosen, so it does not matter whether there is a state folder.
    #[must_use]
    pub fn fleeting(&self, names_ledger: bool) -> Option<&'static str> {
        let kept = || self.state_folder().is_ok_and(|folder| folder.is_dir());
        if self.get(CI).is_some() {
            return Some("CI is set");
        }
        (self.no_terminal && !names_ledger && !kept()).then_some("there is no terminal and no state folder")
    }

    /// What it says about every sync.
    #[must_use]
    pub fn given(&self) -> Given {
        Given { ledger: self.ledger(), digest_key_file: self.digest_key_file(), ..Given::default() }
    }

    /// The key pair.
    pub fn credentials(&self, api: &ApiSpec) -> Result<Credentials, SetupError> {
        let keys_at = api.authentication.keys_at;
        let read = |variable| self.key(variable).read(keys_at);
        Ok(Credentials { public: read(PUBLIC_KEY)?, secret: read(SECRET_KEY)? })
    }

    /// How wide help is to be.
    #[must_use]
    pub fn columns(&self) -> Option<usize> {
        self.get("COLUMNS")?.parse().ok().filter(|columns| (1..=1000).contains(columns))
    }

    /// The ledger that the environment names.
    #[must_use]
    pub fn ledger(&self) -> Option<PathBuf> {
        self.path(LEDGER)
    }

    /// The file for the key of the ledger's digests that the environment names.
    #[must_use]
    pub fn digest_key_file(&self) -> Option<PathBuf> {
        self.path(DIGEST_KEY_FILE)
    }

    /// The folder for what the program keeps between runs.
    pub fn state_folder(&self) -> Result<PathBuf, SetupError> {
        let base = if cfg!(windows) {
            self.get("LOCALAPPDATA").map(PathBuf::from)
        } else if cfg!(target_os = "macos") {
            self.get("HOME").map(|home| Path::new(home).join("Library/Application Support"))
        } else {
            // The XDG rules: a relative path there is to be ignored.
            let named = self.get("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            named.or_else(|| self.get("HOME").map(|home| Path::new(home).join(".local/state")))
        };
        base.map(|base| base.join("partnerstack")).ok_or_else(|| {
            SetupError::new("no folder to keep the ledger in: HOME is not set")
                .help("name the ledger: --ledger PATH")
        })
    }

    /// The ledger where none is named.
    pub fn default_ledger(&self) -> Result<PathBuf, SetupError> {
        Ok(self.state_folder()?.join("ledger.db"))
    }

    /// The files that hold keys.
    pub fn key_files(&self) -> impl Iterator<Item = PathBuf> {
        let named = |name: &str| self.path(&format!("{name}_FILE"));
        [PUBLIC_KEY, SECRET_KEY].into_iter().filter_map(named)
    }

    /// The proxy through which requests to this address leave. This machine is reached without one.
    pub fn proxies(&self, base_url: &BaseUrl) -> Result<ProxySettings, SetupError> {
        if base_url.is_loopback() {
            return Ok(ProxySettings::default());
        }
        ProxySettings::of(|name| self.get(name))
    }

    /// What is worth knowing about the keys although they can be used.
    #[must_use]
    pub fn key_warnings(&self, digest_key_file: Option<&Path>) -> Vec<String> {
        let keys = [PUBLIC_KEY, SECRET_KEY].iter().flat_map(|name| self.key(name).warnings());
        let digests = digest_key_file.filter(|file| others_can_read(file)).map(|_| {
            "others on this machine can read the file of --digest-key-file: chmod 600 it".to_owned()
        });
        keys.chain(digests).collect()
    }

    fn key(&self, variable: &'static str) -> KeySource<'_> {
        let file = self.path(&format!("{variable}_FILE"));
        // It was a text before, so it is one still.
        let file = file.map(|path| path.to_string_lossy().into_owned());
        KeySource { variable, text: self.get(variable), file }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(|path| self.expand(PathBuf::from(path)))
    }

    /// A path with the home folder in place of a `~` before it, which only a shell would have put there.
    #[must_use]
    pub fn expand(&self, path: PathBuf) -> PathBuf {
        let home = self.get(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        match (path.strip_prefix("~"), home) {
            (Ok(rest), Some(home)) => Path::new(home).join(rest),
            _ => path,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
