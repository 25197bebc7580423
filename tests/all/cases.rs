//! Runs `spec/cases`: rows in, the exact requests or errors out, through the real client.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use partnerstack_codegen::syntax::{BrokenRule, Case, CaseFile, Request};
use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::api::{ObjectSpec, Operation, OperationName};
use partnerstack_connector::generated::API;
use partnerstack_tests::in_process::{memory, ndjson, run};
use partnerstack_tests::keys::keys;
use partnerstack_tests::recorder::{Call, Recorder, Reply};
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn every_case_holds() {
    let _limit = partnerstack_tests::limit();
    let mut wrong = Vec::new();
    for (path, file) in &*CASES {
        let object = object_of(path, file);
        for case in &file.cases {
            if let Err(reason) = hold(object, case).await {
                wrong.push(format!("{}: `{}`:\n{reason}", shown(path), case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases do not hold\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn every_object_has_its_cases_in_a_file_of_its_own() {
    let _limit = partnerstack_tests::limit();
    let mut with_cases = Vec::new();
    for (path, file) in case_files() {
        assert_eq!(
            path.file_stem().and_then(|stem| stem.to_str()),
            Some(file.object.as_str()),
            "{}",
            shown(&path)
        );
        let names: BTreeSet<&str> = file.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), file.cases.len(), "two cases have one name in {}", shown(&path));
        with_cases.push(file.object);
    }
    let objects: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
    assert_eq!(with_cases, objects, "each object needs a file in spec/cases, and each file an object");
}

#[test]
fn every_mode_of_every_object_has_a_case_that_sends_and_one_that_does_not() {
    let _limit = partnerstack_tests::limit();
    for (path, file) in &*CASES {
        let object = object_of(path, file);
        for mode in Mode::ALL.into_iter().filter(|mode| object.steps(*mode).is_ok()) {
            let of_mode = || file.cases.iter().filter(|case| case.mode == mode.name());
            assert!(
                of_mode().any(|case| case.requests.is_some()),
                "{}: add a case of {mode} with `requests`",
                shown(path)
            );
            assert!(
                of_mode().any(|case| case.errors.is_some()),
                "{}: add a case of {mode} with `errors`",
                shown(path)
            );
        }
    }
}

#[test]
fn every_field_is_sent_by_a_case_of_every_operation_that_writes_it() {
    let _limit = partnerstack_tests::limit();
    let mut missing = Vec::new();
    for (path, file) in &*CASES {
        missing.extend(unsent_fields(object_of(path, file), &file.cases));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// A sentence for each field and operation that no case shows.
fn unsent_fields(object: &ObjectSpec, cases: &[Case]) -> Vec<String> {
    let mut shown: BTreeSet<(&str, &str)> = BTreeSet::new();
    for request in cases.iter().filter_map(|case| case.requests.as_ref()).flatten() {
        let Some(operation) = operation_of(object, request) else { continue };
        let name = operation.name.name();
        shown.extend(operation.path_fields.iter().map(|field| (field.name, name)));
        shown.extend(request.body.as_object().into_iter().flatten().map(|(field, _)| (field.as_str(), name)));
    }
    let mut missing = Vec::new();
    for field in object.fields {
        for operation in
            object.operations.iter().filter(|operation| takes(operation, field.name, field.writable))
        {
            let name = operation.name.name();
            if !shown.contains(&(field.name, name)) {
                missing.push(format!(
                    "no case shows `{}` in the {name} of {name_of}: add it to the row and the request of a case with \
                     `method: {}` in spec/cases/{name_of}.yaml",
                    field.name,
                    operation.method.name(),
                    name_of = object.name
                ));
            }
        }
        let anywhere = shown.iter().any(|(name, _)| *name == field.name);
        if !anywhere && missing.iter().all(|sentence| !sentence.contains(&format!("`{}`", field.name))) {
            missing.push(format!(
                "the field `{}` of {} goes nowhere: neither into a body nor into a path",
                field.name, object.name
            ));
        }
    }
    missing
}

fn takes(operation: &Operation, field: &str, writable: &[OperationName]) -> bool {
    writable.contains(&operation.name) || operation.path_fields.iter().any(|part| part.name == field)
}

fn operation_of(object: &ObjectSpec, request: &Request) -> Option<&'static Operation> {
    let fits = |operation: &&Operation| {
        let begins = operation.path.split('{').next().unwrap_or_default();
        operation.method.name() == request.method && request.path.starts_with(begins)
    };
    object.operations.iter().copied().find(fits)
}

#[test]
fn a_field_without_a_case_is_noticed() {
    let _limit = partnerstack_tests::limit();
    let (path, mut file) = case_files().into_iter().next().unwrap();
    let object = object_of(&path, &file);
    assert_eq!(unsent_fields(object, &file.cases), Vec::<String>::new());
    let field = object.fields.last().unwrap().name;
    for request in file.cases.iter_mut().filter_map(|case| case.requests.as_mut()).flatten() {
        if let Value::Object(body) = &mut request.body {
            body.remove(field);
        }
    }
    let missing = unsent_fields(object, &file.cases);
    assert!(
        !missing.is_empty() && missing.iter().all(|sentence| sentence.contains(&format!("`{field}`"))),
        "{missing:?}"
    );
}

/// Sends the row of a case to a server that answers as the case says, and compares what comes of it.
async fn hold(object: &ObjectSpec, case: &Case) -> Result<(), String> {
    let expected = case.requests.as_deref().unwrap_or_default();
    let answers: Vec<u16> = expected.iter().map(|request| request.answer).collect();
    let server = Recorder::answering(move |number, call| match answers.get(number) {
        _ if call.reads() => Reply::blind_page(),
        Some(200) | None => written(call),
        Some(status) => Reply::refused(*status, "refused as the case says"),
    })
    .await;
    let folder = TempDir::new_in(memory()).unwrap();
    let failures = folder.path().join("failures.ndjson");
    let ledger = folder.path().join("ledger.db");
    let sync = folder.path().join("sync.yaml");
    // JSON is YAML.
    fs::write(&sync, sync_file(object, case, &failures).to_string()).unwrap();
    let arguments = [
        "sync",
        sync.to_str().unwrap(),
        "--base-url",
        &server.base_url(),
        "--ledger",
        ledger.to_str().unwrap(),
    ];
    let output = run(&arguments, ndjson(&[Value::Object(case.row.clone())]), &keys()).await;

    let errors = errors_in(&failures);
    let found = format!("exit code {}, errors {errors:?}\n{}", output.code, output.stderr);
    match (&case.requests, &case.errors) {
        (Some(expected), None) => {
            compare(expected, &server.writes()).map_err(|reason| format!("{reason}\n{found}"))?;
            let last = expected.last().map_or(200, |request| request.answer);
            let code = u8::from(last != 200);
            if output.code == code { Ok(()) } else { Err(format!("expected exit code {code}: {found}")) }
        }
        (None, Some(expected)) => {
            if let Some(call) = server.calls().first() {
                return Err(format!("a faulty row was sent: {} {}", call.method, call.path));
            }
            let order = |faults: &[BrokenRule]| {
                let place = |name: &str| object.field(name).map_or(usize::MAX, |field| field.index);
                let mut named: Vec<_> = faults
                    .iter()
                    .map(|fault| (place(&fault.field), fault.field.clone(), fault.rule.clone()))
                    .collect();
                named.sort();
                named
            };
            let same = order(expected) == order(&errors) && output.code == 1;
            if same { Ok(()) } else { Err(format!("expected {expected:?}\n{found}")) }
        }
        _ => Err("a case has either `requests` or `errors`".to_owned()),
    }
}

/// The API's answer to a write: the record that was written, under its key.
fn written(call: &Call) -> Reply {
    let mut record = call.json();
    let fields = record.as_object_mut().unwrap();
    fields.entry("key").or_insert_with(|| "rec_1".into());
    Reply::of(200, json!({"data": record, "message": "done", "status": 200}).to_string())
}

fn sync_file(object: &ObjectSpec, case: &Case, failures: &Path) -> Value {
    let mut sync = json!({"object": object.name, "mode": case.mode, "source": "-", "format": "ndjson", "failures": failures});
    let keys = sync.as_object_mut().unwrap();
    if let Some(mapping) = &case.mapping {
        keys.insert("mapping".to_owned(), Value::Object(mapping.clone()));
    }
    if let Some(derive_key) = case.derive_key {
        keys.insert("derive_key".to_owned(), derive_key.into());
    }
    // What cannot be updated needs something that tells its records apart.
    let named = case.mapping.as_ref().unwrap_or(&case.row);
    let identified = object.identity.iter().any(|identity| named.contains_key(identity.field.name));
    if object.steps(Mode::Update).is_err() && !identified {
        keys.insert("primary_key".to_owned(), "content".into());
    }
    sync
}

fn compare(expected: &[Request], calls: &[Call]) -> Result<(), String> {
    let line = |method: &str, path: &str, body: &Value| format!("  {method} {path} {body}");
    let wanted: Vec<String> =
        expected.iter().map(|request| line(&request.method, &request.path, &request.body)).collect();
    let found: Vec<String> = calls.iter().map(|call| line(&call.method, &call.path, &call.json())).collect();
    let same = |(request, call): (&Request, &Call)| {
        (&request.method, &request.path, &request.body) == (&call.method, &call.path, &call.json())
    };
    if expected.len() == calls.len() && expected.iter().zip(calls).all(same) {
        return Ok(());
    }
    Err(format!("expected\n{}\nfound\n{}", wanted.join("\n"), found.join("\n")))
}

fn errors_in(failures: &Path) -> Vec<BrokenRule> {
    let text = fs::read_to_string(failures).unwrap_or_default();
    let faults_of = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
        let faults = line["errors"].as_array().unwrap().iter();
        faults
            .map(|fault| BrokenRule { field: text(fault, "field"), rule: text(fault, "rule") })
            .collect::<Vec<_>>()
    };
    text.lines().flat_map(faults_of).collect()
}

/// The files of `spec/cases`, read once.
static CASES: LazyLock<Vec<(PathBuf, CaseFile)>> = LazyLock::new(case_files);

/// The files of `spec/cases`, by name.
fn case_files() -> Vec<(PathBuf, CaseFile)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/cases");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let file = serde_yaml::from_str(&fs::read_to_string(&path).unwrap());
        let file = file.unwrap_or_else(|error| panic!("{}: {error}", shown(&path)));
        (path, file)
    };
    paths.into_iter().map(read).collect()
}

fn object_of(path: &Path, file: &CaseFile) -> &'static ObjectSpec {
    API.object(&file.object)
        .unwrap_or_else(|| panic!("{}: there is no object `{}`", shown(path), file.object))
}

/// A path as a person would type it.
fn shown(path: &Path) -> String {
    format!("spec/cases/{}", path.file_name().unwrap_or_default().to_string_lossy())
}
