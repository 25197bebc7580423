//! The spec: whatever is in its files, the generator makes Rust of them or says where they are wrong.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use fastrand::Rng;
use partnerstack_codegen::source::{Folder, decode};
use partnerstack_codegen::text::SourceText;
use partnerstack_codegen::{generate_from, reference_from};

use super::executions::{long, short};
use super::mutation::mutated;
use crate::spec_damages::judge as is_located;

/// The spec of the tests: it has every kind of thing, and is a tenth as long as the real one.
const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/all/specs/good");
const TOKENS: &[&[u8]] = &[
    b"name:",
    b"fields:",
    b"type: integer",
    b"max_length: 1",
    b"operations:",
    b"create:",
    b"path: /v2/{key}",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!str ",
    b"!!binary ",
    b"---\n",
    b"...\n",
    b"|\n",
    b">-\n",
    b"? ",
    b"~",
    b"'",
    b"0x7f",
    b".inf",
    b".nan",
    b"2026-01-01",
    b"\n  ",
    b"\n    ",
    b"fn",
    b"self",
    b"r#type",
    b"\xc3\x9f",
    b"[a, b]",
    b"{a: b}",
    b"Self",
];

#[test]
fn a_spec_is_generated_from_or_says_where_it_is_wrong() {
    let _limit = partnerstack_tests::limit();
    let spec = Spec::new();
    let seen = short(150, |rng| spec.judge(rng));
    seen.saw(&["generated", "wrong at a line"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_specs() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let spec = Spec::new();
    long("spec", |rng| spec.judge(rng));
}

struct Spec {
    folder: Folder,
    /// Its files as bytes, the API first.
    bytes: Vec<Vec<u8>>,
    /// Generated text that is known to be Rust.
    rust: Mutex<BTreeSet<u64>>,
}

impl Spec {
    fn new() -> Self {
        let read = |name: &str| {
            SourceText::new(name, &fs::read_to_string(Path::new(SPEC).join(name)).expect("it can be read"))
        };
        let objects = ["objects/loans.yaml", "objects/readers.yaml"].map(read).to_vec();
        let folder = Folder { api: read("api.yaml"), objects };
        let files = [&folder.api].into_iter().chain(&folder.objects);
        let bytes = files.map(|file| file.text().as_bytes().to_vec()).collect();
        Self { folder, bytes, rust: Mutex::default() }
    }

    fn judge(&self, rng: &mut Rng) -> &'static str {
        let file = rng.usize(..self.bytes.len());
        // Mostly the file itself; sometimes another one has come in its place.
        let good = if rng.u8(..16) == 0 { &self.bytes[..] } else { &self.bytes[file..=file] };
        let bytes = mutated(rng, good, TOKENS);
        let mut folder = self.folder.clone();
        let slot =
            [&mut folder.api].into_iter().chain(&mut folder.objects).nth(file).expect("it is one of them");
        let path = slot.path().to_owned();
        *slot = SourceText::new(&path, &String::from_utf8_lossy(&bytes));
        let source = decode(&path, &bytes);
        let report = match source.and_then(|_| generate_from(&folder)) {
            Ok(files) => {
                for file in files {
                    self.is_rust(&file.text);
                }
                assert!(!reference_from(&folder).expect("it was right before").is_empty());
                return "generated";
            }
            Err(report) => report,
        };
        is_located(&report, &folder, "a mutation");
        if report.diagnostics().iter().any(|found| found.place().line_and_column().is_some()) {
            "wrong at a line"
        } else {
            "wrong as a whole"
        }
    }

    /// What is generated can be parsed, each text once.
    fn is_rust(&self, text: &str) {
        let hash = hash_of(text);
        if self.rust.lock().expect("no lane has failed").insert(hash) {
            let parsed = catch_unwind(|| syn::parse_file(text).map(drop));
            assert!(matches!(parsed, Ok(Ok(()))), "no Rust: {text}");
        }
    }
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
