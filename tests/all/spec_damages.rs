//! The real spec, damaged in hundreds of ways in which people damage files. Whatever they do, the generator makes Rust
//! of it or says where it is wrong; it never panics, and never points outside the file.
#![cfg(test)]

mod damage;

use std::fs;
use std::panic::{catch_unwind, resume_unwind};
use std::path::Path;
use std::thread;

use partnerstack_codegen::diagnostic::Diagnostic;
use partnerstack_codegen::source::{Folder, decode};
use partnerstack_codegen::text::{Place, SourceText};
use partnerstack_codegen::{OutputFile, Report, generate, generate_from};
use partnerstack_connector::text::printable::is_hidden;
use partnerstack_tests::server::Random;

use self::damage::damage;

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec");
const SEED: u64 = 4;
const DAMAGES: u64 = 320;
/// So many are tried beside each other.
const LANES: usize = 4;

#[test]
fn every_damage_is_located_or_harmless() {
    let _limit = partnerstack_tests::limit();
    let good = good();
    let made = generate_from(&good).expect("the spec is right");
    let lane = |first: u64| {
        (first..DAMAGES).step_by(LANES).filter(|number| is_refused(*number, &good, &made)).count()
    };
    let refused: usize = thread::scope(|scope| {
        let lanes: Vec<_> = (0..DAMAGES).take(LANES).map(|first| scope.spawn(move || lane(first))).collect();
        lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|panic| resume_unwind(panic))).sum()
    });
    // If nearly all of them were harmless, or none, they would be no damages of a person.
    assert!((160..320).contains(&refused), "{refused} of {DAMAGES} are refused");
}

/// Does one damage and judges what comes of it. Says whether the spec is refused.
fn is_refused(number: u64, good: &Folder, made: &[OutputFile]) -> bool {
    let mut random = Random::of(SEED, &number.to_string());
    let file = usize::try_from(random.below(1 + good.objects.len() as u64)).unwrap();
    let whole = files(good).nth(file).unwrap();
    let (what, bytes) = damage(whole.text(), &mut random);
    let what = format!("damage {number} of seed {SEED}: {} {what}", whole.path());
    let generated = catch_unwind(|| generate_from(&with(good, file, decode(whole.path(), &bytes)?)));
    match generated.unwrap_or_else(|_| panic!("a panic after {what}")) {
        Ok(files) => parses(&files, made, &what),
        Err(report) => {
            let shown = SourceText::new(whole.path(), &String::from_utf8_lossy(&bytes));
            judge(&report, &with(good, file, shown), &what);
            return true;
        }
    }
    false
}

#[test]
fn a_spec_that_lacks_a_file_says_which() {
    let _limit = partnerstack_tests::limit();
    let names: Vec<String> = files(&good()).map(|source| source.path().to_owned()).collect();
    for lacking in &names {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("objects")).unwrap();
        for name in names.iter().filter(|name| *name != lacking) {
            fs::copy(Path::new(SPEC).join(name), folder.path().join(name)).unwrap();
        }
        let stem = lacking.trim_start_matches("objects/").trim_end_matches(".yaml");
        match generate(folder.path()) {
            Ok(files) => {
                assert!(lacking != "api.yaml" && !files.is_empty(), "nothing is said about {lacking}");
            }
            // What names an object that is not there is wrong as well.
            Err(report) => assert!(report.to_string().contains(stem), "{report} does not name {lacking}"),
        }
    }
}

/// The files of the repository's spec, called as they are inside it.
fn good() -> Folder {
    let read = |name: &str| SourceText::new(name, &fs::read_to_string(Path::new(SPEC).join(name)).unwrap());
    let read_folder = Folder::read(Path::new(SPEC)).expect("the spec is right");
    let name = |source: &SourceText| source.path().rsplit('/').next().unwrap_or_default().to_owned();
    let objects = read_folder.objects.iter().map(|source| read(&format!("objects/{}", name(source))));
    Folder { api: read("api.yaml"), objects: objects.collect() }
}

/// The same with another file, counted as [`files`] does.
fn with(good: &Folder, file: usize, source: SourceText) -> Folder {
    let mut folder = good.clone();
    *std::iter::once(&mut folder.api).chain(&mut folder.objects).nth(file).unwrap() = source;
    folder
}

fn files(folder: &Folder) -> impl Iterator<Item = &SourceText> {
    std::iter::once(&folder.api).chain(&folder.objects)
}

/// What is generated is Rust; what is the same as before is known to be.
fn parses(files: &[OutputFile], before: &[OutputFile], what: &str) {
    for file in files {
        if !before.iter().any(|known| known.text == file.text) {
            syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error} after {what}", file.name));
        }
    }
}

/// Everything that is said is said of a place that there is, and can be shown in both looks.
#[track_caller]
pub(crate) fn judge(report: &Report, folder: &Folder, what: &str) {
    let text = report.to_string();
    let carets = catch_unwind(|| [report.render(false), report.render(true), report.count()]);
    let [carets, ..] = carets.unwrap_or_else(|_| panic!("{text} cannot be shown after {what}"));
    assert!(!report.diagnostics().is_empty(), "nothing is said after {what}");
    for (diagnostic, line) in report.diagnostics().iter().zip(report.lines()) {
        let sentence = diagnostic.sentence();
        assert!(!sentence.message().trim().is_empty() && !sentence.code().is_empty(), "{line} after {what}");
        assert!(line.starts_with(&address(diagnostic.place())), "{line} after {what}");
        // What cannot be seen is shown in another way there.
        let hides = sentence.message().chars().any(is_hidden);
        assert!(hides || carets.contains(sentence.message()), "{carets} lacks {line} after {what}");
        is_inside(diagnostic, folder, &format!("{line} after {what}"));
    }
}

fn address(place: &Place) -> String {
    match place.line_and_column() {
        Some((line, column)) => format!("{}:{line}:{column}: ", place.path()),
        None => format!("{}: ", place.path()),
    }
}

#[track_caller]
fn is_inside(diagnostic: &Diagnostic, folder: &Folder, what: &str) {
    let place = diagnostic.place();
    let source = files(folder).find(|source| source.path() == place.path());
    let text = source.unwrap_or_else(|| panic!("no such file: {what}")).text();
    let Some((line, column)) = place.line_and_column() else {
        // Of a file as a whole there is one thing to say here.
        assert_eq!(diagnostic.sentence().code(), "S006", "{what}");
        return;
    };
    // The place behind the last line break is one, and so is that behind the last character of a line.
    let written = text.split('\n').nth(line - 1).unwrap_or_else(|| panic!("no such line: {what}"));
    assert!(column <= written.chars().count() + 1, "no such column: {what}");
}
