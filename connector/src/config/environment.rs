//! What the environment brings: credentials, folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::given::Given;
use crate::api::ApiSpec;
use crate::error::SetupError;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::{Credentials, Secret};
use crate::http::proxy::ProxySettings;

const PUBLIC_KEY: &str = "PARTNERSTACK_PUBLIC_KEY";
const SECRET_KEY: &str = "PARTNERSTACK_SECRET_KEY";
const LEDGER: &str = "PARTNERSTACK_LEDGER";

/// The variables that a command may look at. It holds secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process. Variables that are not text are not ours.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    /// An environment of these variables alone.
    #[must_use]
    pub fn of<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self { variables: variables.into_iter().map(owned).collect() }
    }

    /// What it says about every sync.
    #[must_use]
    pub fn given(&self) -> Given {
        Given { ledger: self.ledger(), ..Given::default() }
    }

    /// The key pair.
    pub fn credentials(&self, api: &ApiSpec) -> Result<Credentials, SetupError> {
        let keys_at = api.authentication.keys_at;
        Ok(Credentials { public: self.key(PUBLIC_KEY, keys_at)?, secret: self.key(SECRET_KEY, keys_at)? })
    }

    /// How wide help is to be.
    #[must_use]
    pub fn columns(&self) -> Option<usize> {
        self.get("COLUMNS")?.parse().ok().filter(|&columns| columns > 0)
    }

    /// The ledger that the environment names.
    #[must_use]
    pub fn ledger(&self) -> Option<PathBuf> {
        self.get(LEDGER).map(PathBuf::from)
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

    /// The proxy through which requests to this address leave. This machine is reached without one.
    pub fn proxies(&self, base_url: &BaseUrl) -> Result<ProxySettings, SetupError> {
        if base_url.is_loopback() {
            return Ok(ProxySettings::default());
        }
        ProxySettings::of(|name| self.get(name))
    }

    fn key(&self, name: &str, keys_at: &str) -> Result<Secret, SetupError> {
        let file = format!("{name}_FILE");
        let text = match (self.get(name), self.get(&file)) {
            (Some(text), _) => text.to_owned(),
            (None, Some(path)) => std::fs::read_to_string(path).map_err(|error| {
                SetupError::new(format!("{file} names `{path}`, which cannot be read: {error}"))
            })?,
            (None, None) => {
                return Err(SetupError::new(format!("no credentials: {name} is not set"))
                    .help(format_args!("the keys are in PartnerStack under {keys_at}; export {name}, or {file} for a file that holds it; to try without keys: --sandbox")));
            }
        };
        let key = text.trim();
        if key.is_empty() || key.chars().any(|c| c.is_whitespace() || c.is_control()) || !key.is_ascii() {
            return Err(SetupError::new(format!("{name} is not a key: it is empty or has blanks in it"))
                .help(format_args!("copy it again from {keys_at}")));
        }
        Ok(Secret::new(key))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
