//! A desk to run the command at: a folder, an environment, and what every run must keep to, whatever it is about.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use partnerstack_connector::cli::{self, Environment, Streams};
use partnerstack_connector::generated::API;
use partnerstack_connector::sandbox::{Options, Sandbox};
use partnerstack_connector::sync::Interrupt;
use serde_json::Value;
use tempfile::TempDir;

use crate::until::ends;

/// The public key of a desk.
pub const PUBLIC: &str = "pk_test_of_the_desk";
/// The secret key of a desk.
pub const SECRET: &str = "sk_test_that_nobody_may_see";

/// The keys of the report, in the order of the contract.
const REPORT: [&str; 20] = [
    "schema_version",
    "run",
    "account",
    "ledger",
    "object",
    "mode",
    "dry_run",
    "rows",
    "unsettled_before",
    "requests",
    "lookups",
    "retries",
    "throttled",
    "test_records",
    "duration_ms",
    "failures",
    "reasons",
    "other_reasons",
    "unread",
    "error",
];
const ROWS: [&str; 11] = [
    "read",
    "created",
    "updated",
    "unchanged",
    "skipped",
    "invalid",
    "rejected",
    "uncertain",
    "pending",
    "filtered",
    "blocked",
];
const FAILURE: [&str; 10] =
    ["row", "key", "outcome", "id", "operation", "status", "message", "hint", "errors", "record"];

/// Where the command is run.
pub struct Desk {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
    /// Somebody watches.
    terminal: bool,
}

impl Desk {
    /// A desk with a key pair in the environment, and a state folder of its own.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let state = folder.path().join("state").display().to_string();
        let variables = [
            ("HOME", folder.path().display().to_string()),
            ("XDG_STATE_HOME", state),
            ("COLUMNS", "100".to_owned()),
            ("PARTNERSTACK_PUBLIC_KEY", PUBLIC.to_owned()),
            ("PARTNERSTACK_SECRET_KEY", SECRET.to_owned()),
        ];
        Self { folder, variables: BTreeMap::from(variables), terminal: true }
    }

    /// A desk without keys.
    pub fn without_keys() -> Self {
        Self::new().without("PARTNERSTACK_PUBLIC_KEY").without("PARTNERSTACK_SECRET_KEY")
    }

    /// The same with an environment variable.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    /// The same without an environment variable.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// The same where standard error is no terminal.
    pub fn without_terminal(mut self) -> Self {
        self.terminal = false;
        self
    }

    /// Where a file of the desk is.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Writes a file and says where it is.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        path.display().to_string()
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Whether there is such a file or folder.
    pub fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    /// The folder beside the ledger.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state/partnerstack")
    }

    /// The entries of the default failures files of a sync, of all addresses and accounts.
    pub fn failures(&self, sync: &str) -> Vec<Value> {
        let mut lines: Vec<Value> = self.lists(sync).iter().flat_map(|path| failures_in(path)).collect();
        lines.sort_by_key(|line| line["row"].as_u64());
        lines
    }

    /// The default failures files of a sync.
    pub fn lists(&self, sync: &str) -> Vec<String> {
        let of_sync = |file: &String| {
            let (folder, name) = file.rsplit_once('/').unwrap_or_default();
            folder.contains("failures/") && name.starts_with(&format!("{sync}.")) && name.ends_with(".ndjson")
        };
        self.files().into_iter().filter(of_sync).map(|file| self.path(&file)).collect()
    }

    /// The one default failures file of a sync.
    #[track_caller]
    pub fn list(&self, sync: &str) -> String {
        let lists = self.lists(sync);
        let [list] = lists.as_slice() else { panic!("not one list of {sync}: {lists:?}") };
        list.clone()
    }

    /// Runs a sync file with rows beside it into a server: `settings` are the keys of the file besides `source`.
    pub async fn sync_file(
        &self,
        server: &Sandbox,
        settings: &str,
        rows: impl AsRef<[u8]>,
        flags: &[&str],
    ) -> Ran {
        self.write("rows.csv", rows);
        let file = self.write("nightly.yaml", format!("{settings}source: rows.csv\n"));
        self.run(&[&["sync", &file, "--base-url", server.base_url(), "--json"], flags].concat()).await
    }

    /// Every file and folder of the desk, to see what a run leaves behind.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                found.push(path.strip_prefix(self.folder.path()).unwrap().display().to_string());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// Runs the command without anything on standard input.
    pub async fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, io::empty(), &Interrupt::default()).await
    }

    /// Runs the command with a standard input, and with signals that a test sends.
    pub async fn run_with(
        &self,
        args: &[&str],
        stdin: impl Read + Send + 'static,
        interrupt: &Interrupt,
    ) -> Ran {
        let arguments = std::iter::once("partnerstack").chain(args.iter().copied()).map(OsString::from);
        let environment = Environment::of(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        let environment = if self.terminal { environment } else { environment.without_terminal() };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let streams = Streams { stdin: Box::new(stdin), stdout: &mut stdout, stderr: &mut stderr };
        let code = ends(cli::run(arguments, &environment, streams, interrupt)).await;
        let ran = Ran {
            code,
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            folder: self.folder.path().display().to_string(),
        };
        for output in [&ran.stdout, &ran.stderr] {
            assert!(!output.contains(SECRET), "a secret in the output: {output}");
        }
        ran
    }

    /// Syncs rows into a server; `what` is `OBJECT MODE`.
    pub async fn sync(&self, server: &Sandbox, what: &str, rows: impl AsRef<[u8]>, flags: &[&str]) -> Ran {
        self.sync_to(server.base_url(), what, rows, flags).await
    }

    /// The same into any server.
    pub async fn sync_to(&self, base_url: &str, what: &str, rows: impl AsRef<[u8]>, flags: &[&str]) -> Ran {
        let name = match rows.as_ref().first() {
            Some(b'{') => "rows.ndjson",
            Some(b'[') => "rows.json",
            _ => "rows.csv",
        };
        let source = self.write(name, rows);
        let (object, mode) = what.split_once(' ').unwrap();
        let base = ["sync", "--object", object, "--mode", mode, "--source", &source];
        let end = ["--base-url", base_url, "--json"];
        self.run(&[&base[..], &end, flags].concat()).await
    }
}

/// The lines of a failures file by their rows, for lines are written as rows end; none where there is no such file.
pub fn failures_in(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        assert_eq!(keys(line), FAILURE, "{line}");
    }
    lines.sort_by_key(|line| line["row"].as_u64());
    lines
}

/// What a run of the command did.
pub struct Ran {
    /// The exit code.
    pub code: u8,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    folder: String,
}

impl Ran {
    /// The one line of `--json`, after a look at its shape.
    #[track_caller]
    pub fn report(&self) -> Value {
        let line =
            self.stdout.strip_suffix('\n').unwrap_or_else(|| panic!("no whole line: {:?}", self.stdout));
        assert!(!line.contains('\n'), "more than one line: {line}");
        let report: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        // A dry run says besides what a run would do.
        let plan = report["dry_run"] == true && !report["plan"].is_null();
        let expected: Vec<&str> = REPORT.into_iter().chain(plan.then_some("plan")).collect();
        assert_eq!(keys(&report), expected);
        assert_eq!(keys(&report["rows"]), ROWS);
        let counts: Vec<u64> = ROWS.iter().map(|name| report["rows"][name].as_u64().unwrap()).collect();
        assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "read is the sum of the others: {line}");
        report
    }

    /// The outcomes that rows had, such as `1 created, 2 invalid`.
    #[track_caller]
    pub fn counts(&self) -> String {
        let report = self.report();
        let counts = ROWS[1..].iter().filter_map(|name| {
            let count = report["rows"][name].as_u64().filter(|count| *count > 0)?;
            Some(format!("{count} {name}"))
        });
        counts.collect::<Vec<_>>().join(", ")
    }

    /// Exit code and outcomes.
    #[track_caller]
    pub fn ended(&self, code: u8, counts: &str) {
        assert_eq!((self.code, self.counts().as_str()), (code, counts), "{}", self.stderr);
    }

    /// Nothing was started, for a reason that has these words in it.
    #[track_caller]
    pub fn refused(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        self.says(words);
    }

    /// Standard error has all of these words in it.
    #[track_caller]
    pub fn says(&self, words: &[&str]) {
        for words in words {
            assert!(self.stderr.contains(words), "`{words}` is missing in:\n{}", self.stderr);
        }
    }

    /// The warnings, one each.
    pub fn warnings(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("warning: ")).collect()
    }

    /// Keeps a text of this run as a snapshot, without what differs between runs.
    pub fn snapshot(&self, name: &str, text: &str) {
        let text = timeless(&text.replace(&self.folder, "[folder]"));
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("../snapshots/command");
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

/// The text with every `in 1.2 s` made the same.
fn timeless(text: &str) -> String {
    let mut parts = text.split(" read in ");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        result.push_str(" read in [time]");
        result.push_str(rest);
    }
    result
}

/// A table of so many rows.
pub fn table(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let mut lines = vec![header.to_owned()];
    lines.extend((0..count).map(row));
    lines.join("\n")
}

/// The names of a JSON object, in order.
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// A server that does what the spec says.
pub fn server() -> Sandbox {
    server_with(Options::default())
}

/// A server that does what the options say.
pub fn server_with(options: Options) -> Sandbox {
    Sandbox::start(&API, options).unwrap()
}

/// What the server has of an object under some names, as lists of values; absent ones are null.
pub fn held(server: &Sandbox, object: &str, names: &[&str]) -> Unordered<Vec<Value>> {
    let pick =
        |record: &Value| names.iter().map(|name| record.get(*name).cloned().unwrap_or_default()).collect();
    Unordered(server.records(object).iter().map(pick).collect())
}

/// The one record of an object that has this value.
#[track_caller]
pub fn record(server: &Sandbox, object: &str, name: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    let mut found = server.records(object).into_iter().filter(|record| record[name] == value);
    let record = found.next().unwrap_or_else(|| panic!("no {name} is {value} in {object}"));
    assert!(found.next().is_none(), "more than one {name} is {value} in {object}");
    record
}

/// What the server has of an object under one name.
pub fn held_as(server: &Sandbox, object: &str, name: &str) -> Unordered<Value> {
    Unordered(held(server, object, &[name]).0.concat())
}

/// A list that equals another one with the same elements: rows of different records run beside each other, so their
/// records are made in any order.
#[derive(Debug)]
pub struct Unordered<T>(pub Vec<T>);

impl<T, R> PartialEq<R> for Unordered<T>
where
    T: Clone + Into<Value>,
    R: Clone + IntoIterator<Item: Into<Value>>,
{
    fn eq(&self, other: &R) -> bool {
        let mut left: Vec<Value> = other.clone().into_iter().map(Into::into).collect();
        let mut found = |value: Value| {
            left.iter().position(|other| *other == value).map(|position| left.swap_remove(position))
        };
        self.0.iter().cloned().map(Into::into).all(|value| found(value).is_some()) && left.is_empty()
    }
}

/// Every fault of some failures, as `ROW FIELD RULE`; a row that could not be read has `-` for the field.
pub fn faults(failures: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    for failure in failures {
        for fault in failure["errors"].as_array().unwrap() {
            assert_eq!(keys(fault), ["field", "rule", "message"]);
            let text = |name: &str| fault[name].as_str().unwrap_or("-").to_owned();
            found.push(format!("{} {} {}", failure["row"], text("field"), text("rule")));
        }
    }
    found
}
