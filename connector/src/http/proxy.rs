//! The proxy through which requests leave: read from the settings that most programs know, and never passed by silently.

use url::Url;

use crate::error::SetupError;

/// The names of the settings, each also in lower case. For https the first of the first two counts.
const SETTINGS: [&str; 4] = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", NO_PROXY];
const NO_PROXY: &str = "NO_PROXY";

/// The proxy for requests that do not stay on this machine. It may hold credentials, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct ProxySettings {
    proxy: Option<(String, Url)>,
    /// Hosts that are reached without it.
    except: Option<String>,
}

/// How requests to a host leave.
pub(super) enum Way<'p> {
    Direct,
    Through(&'p Url),
    /// Through a proxy that this program cannot speak to; why, and what to do.
    Closed(String),
}

impl ProxySettings {
    /// Reads the settings. Every one of them is checked, whether or not it is used.
    pub fn of<'v>(setting: impl Fn(&str) -> Option<&'v str>) -> Result<Self, SetupError> {
        let mut settings = Self::default();
        for name in SETTINGS {
            let names = [name.to_owned(), name.to_lowercase()];
            let found = names.iter().filter_map(|name| Some((name, setting(name)?.trim())));
            for (said, value) in found.filter(|(_, value)| !value.is_empty()) {
                if name == NO_PROXY {
                    check_exceptions(said, value)?;
                    settings.except.get_or_insert_with(|| value.to_owned());
                } else {
                    let url = parse(said, value)?;
                    // Requests to another machine are https.
                    if name != "HTTP_PROXY" {
                        settings.proxy.get_or_insert((said.clone(), url));
                    }
                }
            }
        }
        Ok(settings)
    }

    /// How requests to this host leave.
    pub(super) fn way_to(&self, host: &str) -> Way<'_> {
        match &self.proxy {
            Some(_) if self.is_exception(host) => Way::Direct,
            None => Way::Direct,
            Some((_, url)) if matches!(url.scheme(), "http" | "https") => Way::Through(url),
            Some((name, url)) => Way::Closed(format!(
                "{name} names a proxy of an unknown kind ({}): partnerstack speaks to http:// and https:// proxies; \
                 name such a one, or exempt this host with {NO_PROXY}",
                url.scheme()
            )),
        }
    }

    fn is_exception(&self, host: &str) -> bool {
        let entries = self.except.as_deref().unwrap_or_default().split(',').map(str::trim);
        let host = host.to_ascii_lowercase();
        entries.filter(|entry| !entry.is_empty()).any(|entry| {
            let entry = entry.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
            let parent = host.strip_suffix(&entry).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            entry == "*" || parent
        })
    }
}

/// A URL, or `HOST:PORT`. What is wrong with it is said without repeating it: it may hold a password.
fn parse(name: &str, value: &str) -> Result<Url, SetupError> {
    let fault = |what: &str| {
        SetupError::new(format!("{name} is not the URL of a proxy: {what}")).help(format_args!(
            "write {name}=http://HOST:PORT, or unset it; without it requests would leave in another way than it says"
        ))
    };
    let with_scheme = value.contains("://");
    let text = if with_scheme { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&text).map_err(|error| fault(&error.to_string()))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(fault("it has no host"));
    }
    if !with_scheme && url.port().is_none() {
        return Err(fault("it has neither a scheme nor a port"));
    }
    Ok(url)
}

fn check_exceptions(name: &str, value: &str) -> Result<(), SetupError> {
    let wrong =
        |entry: &str| entry.contains("://") || entry.contains(|c: char| c.is_whitespace() || c.is_control());
    if value.split(',').map(str::trim).any(wrong) {
        return Err(SetupError::new(format!("{name} is not a list of hosts")).help(format_args!(
            "write hosts with commas between them, without a scheme: {name}=localhost,.example.com"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&'static str, &'static str)]) -> Result<ProxySettings, SetupError> {
        ProxySettings::of(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
    }

    fn way(pairs: &[(&'static str, &'static str)]) -> String {
        match settings(pairs).unwrap().way_to("api.example.com") {
            Way::Direct => "direct".to_owned(),
            Way::Through(url) => url.to_string(),
            Way::Closed(why) => why,
        }
    }

    #[test]
    fn the_setting_for_https_counts() {
        assert_eq!(way(&[]), "direct");
        assert_eq!(way(&[("HTTP_PROXY", "http://a:1")]), "direct");
        assert_eq!(way(&[("https_proxy", "http://a:1"), ("ALL_PROXY", "http://b:1")]), "http://a:1/");
        assert_eq!(way(&[("all_proxy", "b:1")]), "http://b:1/");
        assert_eq!(way(&[("HTTPS_PROXY", "")]), "direct");
        for (except, passed) in [
            ("example.com", true),
            (".example.com", true),
            ("*.example.com", true),
            ("API.example.com", true),
            ("*", true),
            ("x, api.example.com", true),
            ("ample.com", false),
            ("other.com", false),
            (",", false),
        ] {
            let went = way(&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", except)]);
            assert_eq!(went == "direct", passed, "{except}: {went}");
        }
        assert!(way(&[("ALL_PROXY", "socks5h://a:1")]).contains("unknown kind (socks5h)"));
        assert_eq!(way(&[("ALL_PROXY", "socks5h://a:1"), ("no_proxy", "*")]), "direct");
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_not_repeated() {
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            for value in [
                "hunter2",
                "http://",
                "http://u:hunter2@",
                "://hunter2",
                "hunter2 host:1",
                "http://hunter2:x",
            ] {
                let error =
                    settings(&[(name, value)]).err().map(|error| error.to_string()).unwrap_or_default();
                assert!(error.contains(name) && !error.contains("hunter2"), "{name}={value}: {error}");
            }
        }
        for value in ["http://hunter2", "hunter2 b"] {
            for name in ["NO_PROXY", "no_proxy"] {
                let error =
                    settings(&[(name, value)]).err().map(|error| error.to_string()).unwrap_or_default();
                assert!(error.contains(name) && !error.contains("hunter2"), "{name}={value}: {error}");
            }
        }
    }
}
