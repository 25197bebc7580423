//! Sync files: each loads, or gives an error that says in which file and on which line.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::config::{Environment, Given, carets, load};
use partnerstack_tests::in_process::memory;

use super::executions::{long, short};
use super::mutation::mutated;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/examples");
const NAME: &str = "nightly.yaml";
const TOKENS: &[&[u8]] = &[
    b"object:",
    b"mode:",
    b"source:",
    b"mapping:",
    b"primary_key:",
    b"{column: a, as: cents, decimal: \",\"}",
    b"{value: 1}",
    b"[a, b]",
    b"insert",
    b"customers",
    b"secret: x",
    b"limit: 5\n",
    b"timeout: 1\n",
    b"full: true\n",
    b"match_on: email\n",
    b"rate: 1000000\n",
    b"max_failures: 10%\n",
    b"new_ledger: adopt\n",
    b"name: \"a/b\"\n",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!str ",
    b"!!binary ",
    b"---\n",
    b"...\n",
    b"%YAML 1.2\n",
    b"|\n",
    b">-\n",
    b"? ",
    b"~",
    b"'",
    b"0x7f",
    b"0o17",
    b".inf",
    b".nan",
    b"1_000",
    b"2026-01-01",
    b"\n  ",
    b"\n    ",
    b"@",
    b"`",
];
/// What is said of what is not in the file at all, or of the file as a whole.
const WHOLE: [&str; 5] = [
    "no object is given",
    "no mode is given",
    "no source is given",
    "is longer than 1 MiB",
    "the file says nothing",
];

#[test]
fn a_sync_file_loads_or_says_where_it_is_wrong() {
    let _limit = partnerstack_tests::limit();
    let files = good();
    let seen = short(3_000, |rng| judge(rng, &files));
    seen.saw(&["it loads", "wrong at a line", "something is not given"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_sync_files() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let files = good();
    long("sync files", |rng| judge(rng, &files));
}

fn good() -> Vec<Vec<u8>> {
    let all = "object: customers\nmode: upsert\nsource: rows.csv\nname: nightly\nformat: csv\ndelimiter: \";\"\n\
               encoding: windows-1252\nprimary_key: [{value: stripe}, id]\nmatch_on: email\nlimit: 5\ndry_run: true\n\
               full: false\naccount: main\nledger: ledger.db\nrequire_ledger: true\nnew_ledger: adopt\n\
               failures: failures.ndjson\ntimeout: 60\nconcurrency: 64\nrate: 1000\nsettle_after: 60\nsettle_wait: 900\n\
               wait: 3\ngrace: 8\nmax_failures: 5\nallow_failures: 10%\ngive_up: 300\njson: true\non_change: ignore\n\
               derive_key: false\n";
    let mut files: Vec<Vec<u8>> = fs::read_dir(EXAMPLES)
        .expect("the examples are there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| fs::read(path).expect("it can be read"))
        .collect();
    files.sort();
    files.extend([
        all.into(),
        all.replace('\n', "\r\n").into(),
        b"{object: deals, mode: insert, source: \"-\"}".into(),
    ]);
    files
}

fn judge(rng: &mut Rng, good: &[Vec<u8>]) -> &'static str {
    let mut bytes = mutated(rng, good, TOKENS);
    if rng.u16(..2_000) == 0 {
        bytes.resize(rng.usize((1 << 20) - 1..(1 << 20) + 3), b'\n');
    }
    // Lanes run beside each other.
    let folder = memory().join(format!("fuzz-{}-{:?}", std::process::id(), std::thread::current().id()));
    fs::create_dir_all(&folder).expect("there is a place for files");
    let path = folder.join(NAME);
    fs::write(&path, &bytes).expect("there is room for files");
    let loaded = load(Given::default(), Some(&path), &Environment::default());
    let _ = fs::remove_dir_all(&folder);
    let error = match loaded {
        Ok(settings) => {
            let limits = settings.limits;
            let day = Duration::from_hours(24);
            let times =
                [limits.timeout, limits.give_up, limits.settle_after, limits.settle_wait, limits.grace];
            assert!(times.into_iter().chain([settings.target.wait]).all(|time| time <= day), "{times:?}");
            assert!(!settings.name.contains(['/', '\0']) && !settings.name.is_empty());
            return "it loads";
        }
        Err(error) => error,
    };
    let text = error.to_string();
    let shown = carets(&error);
    assert!(shown.is_none_or(|shown| shown.contains(NAME)), "{text}");
    match line_in(&text, &path) {
        Some(line) => {
            let lines = String::from_utf8_lossy(&bytes).split(['\n', '\r']).count();
            assert!((1..=lines).contains(&line), "line {line} of {lines}: {text}");
            "wrong at a line"
        }
        None if WHOLE[..3].iter().any(|said| text.starts_with(said)) => "something is not given",
        None => {
            assert!(
                text.contains(NAME) && WHOLE[3..].iter().any(|said| text.contains(said)),
                "no line: {text}\n{bytes:?}"
            );
            "wrong as a whole"
        }
    }
}

/// The first line of the file that a text names.
fn line_in(text: &str, path: &Path) -> Option<usize> {
    let name = format!("{}:", path.display());
    text.split(&name).skip(1).find_map(|rest| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    })
}
