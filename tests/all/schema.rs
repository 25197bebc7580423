//! What editors are told: every YAML of the repository names its schema and holds to it, the schemas are those that are
//! generated, and they take what the readers take.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use partnerstack_codegen::source::{Folder, parse};
use partnerstack_codegen::syntax::{Api, CaseFile, Object};
use partnerstack_codegen::text::SourceText;
use partnerstack_codegen::{generate_from, json_schema, schema};
use partnerstack_connector::init;
use partnerstack_tests::in_process::{memory, run};
use partnerstack_tests::keys::keys;
use serde_json::Value;
use tempfile::TempDir;

use crate::invariants::rust::root;
use crate::spec_yaml::yaml_files;

const LINE: &str = "# yaml-language-server: $schema=";

/// Schemas of others, which are not here to be asked.
const REMOTE: [&str; 1] = ["https://json.schemastore.org/github-workflow.json"];

/// A schema that is ready to judge.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn of(schema: &Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", schema.clone()).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// What is wrong with a file, if anything.
    fn judge(&self, yaml: &str) -> Result<(), String> {
        let (value, _) =
            parse::<Value>(&SourceText::new("file.yaml", yaml)).map_err(|report| report.to_string())?;
        self.schemas.validate(&value, self.index).map_err(|error| format!("{error:#}"))
    }
}

/// The schemas as they are generated, by the names of their files without `.json`.
async fn generated() -> Vec<(&'static str, Value)> {
    let ran = run(&["schema"], "", &keys()).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mut schemas = schema::all();
    schemas.push(("export", init::schema()));
    schemas.push(("sync", serde_json::from_str(&ran.stdout).unwrap()));
    schemas
}

async fn judge_of(name: &str) -> Judge {
    let schemas = generated().await;
    let (_, schema) = schemas.iter().find(|(known, _)| *known == name).unwrap();
    Judge::of(schema)
}

#[tokio::test]
async fn the_committed_schemas_are_those_that_are_generated() {
    let _limit = partnerstack_tests::limit();
    let folder = root().join("spec/schema");
    let schemas = generated().await;
    for (name, schema) in &schemas {
        let (path, text) = (folder.join(format!("{name}.json")), json_schema::text(schema));
        // The switch that accepts snapshots accepts these too.
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "spec/schema/{name}.json is old: run the tests with INSTA_UPDATE=always");
    }
    assert_eq!(
        fs::read_dir(folder).unwrap().count(),
        schemas.len(),
        "no other file belongs into spec/schema"
    );
}

#[test]
fn every_yaml_names_its_schema_and_holds_to_it() {
    let _limit = partnerstack_tests::limit();
    let folder = root().join("spec/schema").canonicalize().unwrap();
    for path in yaml_files() {
        let (shown, text) = (path.display(), fs::read_to_string(&path).unwrap());
        let named = text.lines().next().and_then(|line| line.strip_prefix(LINE));
        let named = named.unwrap_or_else(|| panic!("{shown} begins with no line `{LINE}...`"));
        if REMOTE.contains(&named) {
            continue;
        }
        let schema = path.parent().unwrap().join(named).canonicalize();
        let schema: PathBuf = schema.unwrap_or_else(|error| panic!("{shown} names {named}: {error}"));
        assert_eq!(schema.parent(), Some(folder.as_path()), "{shown} names {named}");
        let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
        Judge::of(&schema).judge(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
    }
}

#[tokio::test]
async fn every_file_and_key_is_explained() {
    let _limit = partnerstack_tests::limit();
    for (name, schema) in generated().await {
        let definitions = schema["definitions"].as_object().unwrap();
        let blocks = definitions.iter().map(|(name, block)| (name.as_str(), block));
        for (block_name, block) in blocks.chain([("the file", &schema)]) {
            for key in ["title", "description"] {
                assert!(
                    block[key].as_str().is_some_and(|text| !text.is_empty()),
                    "{name}: {block_name}: {key}"
                );
            }
            let properties = block["properties"].as_object();
            if properties.is_some() {
                assert_eq!(block["additionalProperties"], false, "{name}: {block_name} takes unknown keys");
            }
            for (key, property) in properties.into_iter().flatten() {
                let text = property["description"].as_str().unwrap_or_default();
                assert!(text.len() > 5 && !text.contains('\n'), "{name}: {block_name}: {key}: {text:?}");
            }
        }
        assert!(schema.to_string().matches("\"examples\"").count() >= 5, "{name} has few examples");
    }
}

/// Each key of a mapping is a field of the object, which its description tells as `describe` does.
#[tokio::test]
async fn a_mapping_knows_the_fields_of_its_object() {
    let _limit = partnerstack_tests::limit();
    let schemas = generated().await;
    let (_, schema) = schemas.last().unwrap();
    let fields = &schema["definitions"]["customers_mapping"]["properties"];
    assert_eq!(
        fields["email"]["description"],
        "Customer email address. (text; required; e-mail address; 4 to 255 characters)"
    );
}

/// Edits of a file of the spec that each make it wrong: what stands there, and what takes its place. Neither the schema
/// nor the generator takes it then.
async fn refuses(name: &str, file: &str, edits: &[(&str, &str)]) {
    let judge = judge_of(name).await;
    let good = fs::read_to_string(root().join(file)).unwrap();
    assert_eq!(judge.judge(&good), Ok(()), "{file}");
    let spec = Folder::read(&root().join("spec")).unwrap();
    for (from, to) in edits {
        assert!(good.contains(from), "{file} does not say {from:?}");
        let wrong = good.replacen(from, to, 1);
        assert!(judge.judge(&wrong).is_err(), "the schema takes {to:?} in {file}");
        let mut spec = spec.clone();
        let place = spec.objects.iter_mut().find(|object| object.path().ends_with(file));
        *place.unwrap_or(&mut spec.api) = SourceText::new(file, &wrong);
        assert!(generate_from(&spec).is_err(), "the generator takes {to:?} in {file}");
    }
}

#[tokio::test]
async fn what_is_no_api_is_refused() {
    let _limit = partnerstack_tests::limit();
    let edits = [
        ("base_url:", "baseurl:"),
        ("base_url: https://", "base_url: "),
        ("/api/v2", "/api/v2/"),
        ("scheme: basic", "scheme: digest"),
        ("requests: 4000", "requests: many"),
        ("requests: 4000", "requests: 0"),
        ("settle_after: 60", "settle_after: -1"),
        ("success: [200, 201]", "success: 200"),
        ("success: [200, 201]", "success: [20]"),
        ("class: forbidden", "class: forbiden"),
        ("title: PartnerStack", "title: 12"),
        ("    read: ", "    read: the "),
        ("  source: authentication\n", ""),
    ];
    refuses("api", "spec/api.yaml", &edits).await;
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    let _limit = partnerstack_tests::limit();
    let edits = [
        ("singular:", "singualr:"),
        ("name: email", "name: E-Mail"),
        ("name: email", "name: email_"),
        ("type: string", "type: strng"),
        ("required: true", "required: yes please"),
        ("min_length: 4", "min_length: -4"),
        ("min_length: 4", "min_length: 4.5"),
        ("min_length: 4", "min_length: '4'"),
        ("writable: [create]", "writable: create"),
        ("writable: [create]", "writable: [make]"),
        ("method: POST", "method: post"),
        ("path: /customers", "path: customers"),
        ("path: /customers", "path: /customers/"),
        ("compare: ignore_case", "compare: null"),
        ("    source: customers_create\n", ""),
        ("  upsert:", "  mirror: {source: seed}\n  upsert:"),
        ("steps: [create]", "steps: [create]\n    forbidden: No."),
        ("    steps: [create]\n", ""),
        ("steps: [create]", "steps: []"),
    ];
    refuses("object", "spec/objects/customers.yaml", &edits).await;
}

/// A small spec is damaged in hundreds of ways: an editor neither marks what the generator takes, nor lets pass what the
/// grammar refuses.
#[test]
fn no_schema_cries_wolf_and_none_sleeps() {
    let _limit = partnerstack_tests::limit();
    let good = root().join("tests/all/specs/good");
    let spec = Folder::read(&good).unwrap();
    let schemas = schema::all();
    let (api, object) = (Judge::of(&schemas[0].1), Judge::of(&schemas[1].1));
    let (mut wrong, mut taken, mut refused) = (Vec::new(), 0, 0);
    for file in 0..=spec.objects.len() {
        let (judge, source) =
            file.checked_sub(1).map_or((&api, &spec.api), |place| (&object, &spec.objects[place]));
        for damaged in damages(source.text()) {
            let now = SourceText::new(source.path(), &damaged);
            let read = if file == 0 { parse::<Api>(&now).is_ok() } else { parse::<Object>(&now).is_ok() };
            let generates = || {
                let mut spec = spec.clone();
                *file.checked_sub(1).map_or(&mut spec.api, |place| &mut spec.objects[place]) = now;
                generate_from(&spec).is_ok()
            };
            match judge.judge(&damaged) {
                Ok(()) if read => taken += 1,
                Ok(()) => wrong.push(format!("the schema takes:\n{damaged}")),
                Err(said) if read && generates() => {
                    wrong.push(format!("the generator takes, but {said}:\n{damaged}"));
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), taken + refused, wrong.join("\n----\n"));
    assert!(taken > 100 && refused > 300, "{taken} taken, {refused} refused");
}

/// A text without one of its lines, or with another value in one.
fn damages(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let with = |place: usize, line: Option<String>| {
        let before = lines[..place].iter().map(ToString::to_string);
        before
            .chain(line)
            .chain(lines[place + 1..].iter().map(ToString::to_string))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let mut all = Vec::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
        all.push(with(place, None));
        let Some((key, _)) = line.split_once(": ") else { continue };
        for value in ["null", "5", "-5", "0.5", "word", "true", "[]", "[word]", "{}"] {
            all.push(with(place, Some(format!("{key}: {value}"))));
        }
        all.push(with(place, Some(line.replacen(": ", "x: ", 1))));
    }
    all
}

#[tokio::test]
async fn what_is_no_case_is_refused() {
    let _limit = partnerstack_tests::limit();
    let judge = judge_of("cases").await;
    let good = fs::read_to_string(root().join("spec/cases/customers.yaml")).unwrap();
    for (from, to) in [
        ("mode: insert", "mod: insert"),
        ("row:", "rows:"),
        ("body:", "bodies:"),
        ("requests:", "request:"),
        ("cases:", "cases: {}\nmore:"),
    ] {
        let wrong = good.replacen(from, to, 1);
        assert!(judge.judge(&wrong).is_err(), "the schema takes {to:?}");
        assert!(
            parse::<CaseFile>(&SourceText::new("cases.yaml", &wrong)).is_err(),
            "the reader takes {to:?}"
        );
    }
    // What the tests would refuse when they run it.
    let case = |rest: &str| {
        format!("object: customers\ncases:\n  - name: a\n    mode: insert\n    row: {{}}\n{rest}")
    };
    assert_eq!(judge.judge(&case("    errors: []\n")), Ok(()));
    assert!(judge.judge(&case("")).is_err(), "neither requests nor errors");
    assert!(judge.judge(&case("    errors: []\n    requests: []\n")).is_err(), "both");
    assert!(judge.judge(&case("    errors: []\n").replace("insert", "mirror")).is_err(), "no mode");
}

/// Sync files that are read, without what [`sync_file`] adds to them.
const TAKEN: [&str; 31] = [
    "mapping: {name: Name, meta.plan: Plan, meta.a.b: Plan}",
    "mapping: {name: {column: Name, as: lower}, member_key: {value: gstest}}",
    "mapping: {member_key: {value: 5}, name: {column: Name, value: null, as: null, decimal: null}}",
    "mapping: {name: {column: Date, as: date, format: '%d/%m/%Y'}}",
    "mapping: {name: {column: Sum, as: cents, decimal: ',', exponent: 0}}",
    "mapping: null",
    "primary_key: id",
    "primary_key: content",
    "primary_key: [{value: stripe}, {value: 5}, id]",
    "max_failures: 10\nallow_failures: 5%",
    "max_failures: '10'\nallow_failures: 2.5 %",
    "delimiter: ;\nformat: csv\nencoding: windows-1252",
    "delimiter: '\\t'",
    "new_ledger: true",
    "new_ledger: empty",
    "mapping: {name: {template: '{{ Name }} {{ Plan }}'}}",
    "mapping: {name: {template: '{{ Name|upper }}', null: error, column: null}}",
    "mapping: {name: {column: Name, split: {by: ' ', take: first}}}",
    "mapping: {name: {column: Name, split: [{by: ;, take: first}, {take: rest}]}}",
    "mapping: {name: {column: Name, split: {take: rest}, values: {a: b, 5: 6, c: null}, as: trim}}",
    "mapping: {name: {column: Name, null: omit}}",
    "mapping: {meta.plan: {column: Name, null: send}}",
    "where: {Plan: paid}",
    "where: {Plan: [paid, 5, 2.5, true], Sum: {over: 0}}",
    "where: {Plan: {not: void}, Date: {empty: true}}",
    "where: {Plan: {not: [void, 5]}, Sum: {over: 0, under: '100', decimal: ','}}",
    "where: {Date: {over: 2026-01-01, format: '%d/%m/%Y'}}",
    "where: null",
    "null_values: [NULL, \"\\\\N\", '-', 0, -1.5, true]",
    "null_values: []",
    "match_on: email\nfull: true\ntimeout: 1\non_change: ignore\nderive_key: false",
];

/// Sync files that are refused.
const REFUSED: [&str; 63] = [
    "mod: upsert",
    "object: customer",
    "object: Customers",
    "object: [customers]",
    "object: deals\nmode: update",
    "object: transactions\nmode: upsert",
    "mode: Upsert",
    "mode: mirror",
    "source: 5",
    "format: xlsx",
    "delimiter: a",
    "delimiter: ';;'",
    "name: a/b",
    "name: ''",
    "mapping: [name]",
    "mapping: {na-me: Name}",
    "mapping: {name: 5}",
    "mapping: {name: null}",
    "mapping: {name.work: Name}",
    "mapping: {meta.: Plan}",
    "mapping: {name: {colum: Name}}",
    "mapping: {name: {}}",
    "mapping: {name: {column: Name, value: a}}",
    "mapping: {name: {column: Name, as: uppercase}}",
    "mapping: {name: {column: Name, decimal: ','}}",
    "mapping: {name: {column: Name, as: cents, decimal: ';'}}",
    "mapping: {name: {column: Name, as: integer, exponent: 2}}",
    "mapping: {name: {column: Name, as: cents, exponent: 7}}",
    "mapping: {name: {column: Name, as: date}}",
    "primary_key: 5",
    "primary_key: [{value: stripe}]",
    "primary_key: [{value: [1]}, id]",
    "primary_key: [{}, id]",
    "max_failures: 5 percent",
    "max_failures: 101%",
    "timeout: 0",
    "new_ledger: none",
    "new_ledger: 1",
    "mapping: {name: {template: 5}}",
    "mapping: {name: {template: '{{ Name }}', column: Name}}",
    "mapping: {name: {column: Name, split: ' '}}",
    "mapping: {name: {column: Name, split: {by: ' '}}}",
    "mapping: {name: {column: Name, split: {by: '', take: first}}}",
    "mapping: {name: {column: Name, split: {take: middle}}}",
    "mapping: {name: {column: Name, split: []}}",
    "mapping: {name: {column: Name, values: {}}}",
    "mapping: {name: {column: Name, values: [a]}}",
    "mapping: {name: {value: Name, values: {a: b}}}",
    "mapping: {name: {value: Name, split: {take: first}}}",
    "mapping: {name: {column: Name, null: maybe}}",
    "mapping: {name: {column: Name, template: '{{ Name }}'}}",
    "records: 5",
    "records: ''",
    "where: [Plan]",
    "where: {Plan: null}",
    "where: {Plan: []}",
    "where: {Plan: {}}",
    "where: {Plan: {nto: void}}",
    "where: {Plan: {empty: maybe}}",
    "null_values: NULL",
    "null_values: [[NULL]]",
    "mode: insert\nmatch_on: email",
    "mode: insert\nfull: true",
];

/// What a sync file says, with what it does not say taken from one that is right.
fn sync_file(text: &str) -> String {
    let text = text.replace("mapping: {", "mapping: {email: Mail, partner_key: Partner, ");
    let mut lines = vec![text.as_str()];
    for line in ["object: customers", "mode: upsert", "source: '-'"] {
        let (key, _) = line.split_at(line.find(' ').unwrap());
        if !text.lines().any(|line| line.starts_with(key)) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// What the command says of a sync file: nothing, or why nothing can start.
async fn read(folder: &Path, text: &str) -> Result<(), String> {
    let file = folder.join("sync.yaml");
    fs::write(&file, text).unwrap();
    let rows = "email,partner_key,id,Mail,Partner,Name,Plan,Date,Sum\n".replace(',', ";");
    // Without a delimiter it is found from the header, a tab needs tabs.
    let rows = if text.contains("\\t") { rows.replace(';', "\t") } else { rows };
    let ran = run(&["sync", file.to_str().unwrap(), "--dry-run"], rows, &keys()).await;
    assert!(!ran.stderr.contains("which is required"), "it is refused for something else: {}", ran.stderr);
    if ran.code == 2 { Err(ran.stderr) } else { Ok(()) }
}

#[tokio::test]
async fn a_sync_file_is_judged_as_the_command_reads_it() {
    let _limit = partnerstack_tests::limit();
    let folder = TempDir::new_in(memory()).unwrap();
    let judge = judge_of("sync").await;
    let mut wrong = Vec::new();
    for (texts, taken) in [(&TAKEN[..], true), (&REFUSED[..], false)] {
        for text in texts {
            let file = sync_file(text);
            for (who, said) in [("command", read(folder.path(), &file).await), ("schema", judge.judge(&file))]
            {
                if said.is_ok() != taken {
                    wrong.push(format!("the {who} says {said:?} of\n{file}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
