//! The spec of the repository with edits, and the connector that is built from it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use partnerstack_codegen::accept::changes;

use partnerstack_tests::binary::{BUILD, cargo};
use partnerstack_tests::process::Process;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const LEADS: &str = include_str!("../specs/fifth/leads.yaml");

/// A file of the spec, the place in it that is edited (from the one text up to the other), and what stands there then.
struct Edit {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    text: &'static str,
}

/// A text takes the place of nothing, in front of what stands there.
const fn before(file: &'static str, place: &'static str, text: &'static str) -> Edit {
    Edit { file, from: place, to: place, text }
}

const EDITS: [Edit; 9] = [
    before(
        "api.yaml",
        "\nbest_practices:\n",
        "
  - name: lead_status
    title: A lead has no such status
    text: Write one of those that `partnerstack describe leads` lists.
    when:
      - object: leads
        rule: allowed
        field: status
    source: leads
",
    ),
    before(
        "api.yaml",
        "  - name: seed\n    title:",
        "  - name: leads
    title: \"PartnerStack docs: Convert a lead\"
    url: https://docs.partnerstack.com/reference/post_v2-leads-lead-key-convert
    read: 2026-11-01
    certainty: medium
",
    ),
    // A new optional field, in the middle of those that are there.
    before(
        "objects/customers.yaml",
        "  - name: name\n",
        "  - name: phone_number
    type: string
    default_field: true
    max_length: 30
    description: Telephone number of the customer.
    source: customers_create

",
    ),
    // A field of another name.
    Edit {
        file: "objects/transactions.yaml",
        from: "  - name: product_key\n",
        to: "    type:",
        text: "  - name: product\n",
    },
    // A mode that was forbidden: its key, its operation, and the steps.
    before("objects/deals.yaml", "\nfields:\n", "\nkey:\n  prefix: deal_\n  field: deal_key\n"),
    before(
        "objects/deals.yaml",
        "\nidentity:\n",
        "
  - name: deal_key
    type: string
    writable: []
    description: PartnerStack's own key of the deal (deal_...), by which updates address it.
    source: deals_update
",
    ),
    before(
        "objects/deals.yaml",
        "  list:\n    method: GET\n",
        "  update:
    method: PATCH
    path: /deals/{deal_key}
    repeatable: true
    source: deals_update
",
    ),
    Edit {
        file: "objects/deals.yaml",
        from: "  update:\n    forbidden:",
        to: "  upsert:\n",
        text: "  update:
    steps: [update]
    description: Updates existing deals by deal_key.
    source: deals_update
",
    },
    // A mode that was allowed.
    Edit {
        file: "objects/partnerships.yaml",
        from: "  upsert:\n    steps:",
        to: "\nnot_offered:\n",
        text: "  upsert:
    forbidden: Partners join through the form of the program.
    description: The API could do it.
    source: seed
",
    },
];

/// The command that is built from the edited spec, once: about a minute at first, seconds from then on.
pub(super) fn command() -> &'static Path {
    static COMMAND: LazyLock<PathBuf> = LazyLock::new(build);
    &COMMAND
}

/// Builds the command from the edited spec, into a target folder of its own, which the next run finds warm.
fn build() -> PathBuf {
    let (spec, target) = (folder().join("spec"), folder().join("target"));
    write(&spec);
    // The dependencies are there: these tests were built with them. Nothing has to be downloaded.
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--locked", "--offline", "--bin", "partnerstack"])
        .args(["--package", "partnerstack-connector", "--target-dir"])
        .arg(&target)
        .env("PARTNERSTACK_SPEC_DIR", &spec)
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    Process::start(build).end_within(BUILD).with_code(0);
    target.join("debug/partnerstack").with_extension(env::consts::EXE_EXTENSION)
}

/// Every file that is derived from the edited spec, by its name.
pub(super) fn derived() -> Vec<(String, String)> {
    let spec = folder().join("spec");
    let changes = changes(&spec).unwrap();
    let name = |path: &Path| path.strip_prefix(&spec).unwrap().display().to_string().replace('\\', "/");
    changes.into_iter().filter_map(|change| Some((name(&change.path), change.text?))).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-spec")
}

/// Writes the edited spec. A file that says it already keeps its time, so that nothing is built again for it.
fn write(folder: &Path) {
    let objects = folder.join("objects");
    fs::create_dir_all(&objects).unwrap();
    let mut files = vec![("api.yaml".to_owned(), edited("api.yaml"))];
    for entry in fs::read_dir(Path::new(REPOSITORY).join("spec/objects")).unwrap() {
        let name = format!("objects/{}", entry.unwrap().file_name().display());
        files.push((name.clone(), edited(&name)));
    }
    files.push(("objects/leads.yaml".to_owned(), LEADS.to_owned()));
    for entry in fs::read_dir(&objects).unwrap() {
        let path = entry.unwrap().path();
        if !files.iter().any(|(name, _)| folder.join(name) == path) {
            fs::remove_file(path).unwrap();
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(path, text).unwrap();
        }
    }
}

/// A file of the repository's spec with the edits that are made in it.
fn edited(file: &str) -> String {
    let mut text = fs::read_to_string(Path::new(REPOSITORY).join("spec").join(file)).unwrap();
    for edit in EDITS.iter().filter(|edit| edit.file == file) {
        let start = text.find(edit.from).unwrap_or_else(|| panic!("{file} does not say {:?}", edit.from));
        let length =
            text[start..].find(edit.to).unwrap_or_else(|| panic!("{file} does not say {:?}", edit.to));
        text.replace_range(start..start + length, edit.text);
    }
    text
}
