//! Which file imports which, from `use` and from paths in the code; and the cycles among them.
//!
//! A path means the deepest file that it names: `crate::row::value::Cell` means `row/value.rs`, and `crate::row::Row` means
//! `row/mod.rs`, which imports `row/record.rs` by its re-export. A `mod` line is no import.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::rust::Source;

/// The files of a crate and what they import.
pub(crate) struct Imports {
    /// By file, both as paths in the folder of the crate's sources: `row/value.rs`.
    by_file: BTreeMap<String, BTreeSet<String>>,
    /// The files of the binary, to which `lib.rs` is another crate.
    of_binary: BTreeSet<String>,
}

impl Imports {
    /// The imports among the sources of a folder, which are those of the crate `name`.
    pub(crate) fn of(folder: &str, name: &str, sources: &[Source]) -> Self {
        let files: Vec<(&str, &Source)> = sources
            .iter()
            .filter_map(|source| Some((source.name.strip_prefix(folder)?.strip_prefix('/')?, source)))
            .collect();
        // The binary is a crate of its own: `main.rs` and the modules that it declares.
        let main = files.iter().find(|(file, _)| *file == "main.rs").map(|(_, main)| &main.lines);
        let room = |file: &str| file.split('/').next().unwrap_or(file).trim_end_matches(".rs").to_owned();
        let declared = |file: &str| main.is_some_and(|lines| lines.contains(&format!("mod {};", room(file))));
        let (binary, library): (Vec<&str>, Vec<&str>) =
            files.iter().map(|(file, _)| *file).partition(|file| *file == "main.rs" || declared(file));
        let [library, binary] = [library, binary].map(Modules::of);
        let import = |file: &str, path: &[String]| {
            let own = if binary.has(file) { &binary } else { &library };
            let target = match path.split_first()? {
                (first, rest) if first == name && !rest.is_empty() => library.deepest(&[], rest)?,
                _ => own.target(file, path)?,
            };
            (target != file).then(|| target.to_owned())
        };
        let of_binary =
            files.iter().map(|(file, _)| *file).filter(|file| binary.has(file)).map(str::to_owned).collect();
        let by_file = files.iter().map(|(file, source)| {
            let imports = source.paths.iter().filter_map(|path| import(file, path)).collect();
            ((*file).to_owned(), imports)
        });
        Self { by_file: by_file.collect(), of_binary }
    }

    /// Every file.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.by_file.keys().map(String::as_str)
    }

    /// Every import, as file and imported file.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_file.iter().flat_map(|(file, imports)| {
            imports.iter().map(move |imported| (file.as_str(), imported.as_str()))
        })
    }

    /// Leaves out some imports; says whether there were any.
    pub(crate) fn leave_out(&mut self, except: impl Fn(&str, &str) -> bool) -> bool {
        let before = self.all().count();
        for (file, imports) in &mut self.by_file {
            imports.retain(|imported| !except(file, imported));
        }
        self.all().count() < before
    }

    /// The files that import the `mod.rs` of a folder that they are in, or `lib.rs`.
    pub(crate) fn of_own_folder(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all().filter(|(file, imported)| match imported.strip_suffix("mod.rs") {
            Some(folder) => file.starts_with(folder),
            None => *imported == "lib.rs" && !self.of_binary.contains(*file),
        })
    }

    /// The cycles, as `a -> b -> a`: for each file the shortest that it is in, each cycle once.
    pub(crate) fn cycles(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut cycles = Vec::new();
        for file in self.files() {
            let cycle = self.shortest_cycle(file);
            if !cycle.is_empty() && seen.insert(cycle.iter().copied().collect::<BTreeSet<_>>()) {
                cycles.push([cycle.as_slice(), &[file]].concat().join(" -> "));
            }
        }
        cycles
    }

    /// The cycles among the files and folders of each folder.
    pub(crate) fn folder_cycles(&self) -> Vec<String> {
        let folders: BTreeSet<&str> =
            self.files().flat_map(|file| file.match_indices('/').map(|(end, _)| &file[..=end])).collect();
        let within = |folder: &str| {
            // What lies in the folder itself, and the folders in it, by their names.
            let entry = |file: &str| {
                let rest = file.strip_prefix(folder)?;
                Some(format!("{folder}{}", rest.split_once('/').map_or(rest, |(name, _)| name)))
            };
            let mut by_file: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (file, imports) in &self.by_file {
                let Some(from) = entry(file) else { continue };
                let imported = imports.iter().filter_map(|imported| entry(imported));
                let imported: Vec<String> = imported.filter(|to| *to != from).collect();
                by_file.entry(from).or_default().extend(imported);
            }
            // The `mod.rs` of a folder names all that is in it, and is named by none of them.
            Self { by_file, of_binary: BTreeSet::new() }.cycles()
        };
        folders.into_iter().chain([""]).flat_map(within).collect()
    }

    /// The files on the shortest way from a file back to itself; none where there is no such way.
    fn shortest_cycle<'s>(&'s self, start: &'s str) -> Vec<&'s str> {
        let mut ways = VecDeque::from([vec![start]]);
        let mut reached = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for imported in &self.by_file[*way.last().unwrap()] {
                if imported == start {
                    return way;
                }
                if reached.insert(imported) {
                    ways.push_back([way.as_slice(), &[imported.as_str()]].concat());
                }
            }
        }
        Vec::new()
    }
}

/// The modules of a crate, each with its file.
struct Modules<'s>(BTreeMap<Vec<&'s str>, &'s str>);

impl<'s> Modules<'s> {
    fn of(files: Vec<&'s str>) -> Self {
        Self(files.into_iter().map(|file| (module(file), file)).collect())
    }

    fn has(&self, file: &str) -> bool {
        self.0.values().any(|known| *known == file)
    }

    /// The file that a path in a file means; none where it names another crate.
    fn target(&self, file: &str, path: &[String]) -> Option<&'s str> {
        let own = module(file);
        match path.split_first()? {
            // A lone `super` is what is left of a path whose rest is made by a macro.
            (first, []) if first == "super" || first == "crate" => None,
            (first, rest) if first == "crate" => self.deepest(&[], rest),
            (first, _) if first == "self" || first == "super" => {
                let rest = &path[path.iter().take_while(|segment| *segment == "self").count()..];
                let up = rest.iter().take_while(|segment| *segment == "super").count();
                self.deepest(&own[..own.len().checked_sub(up)?], &rest[up..])
            }
            // A module of the file's own is named without `self` as well.
            (first, [_, ..]) if self.0.contains_key(&[own.as_slice(), &[first.as_str()]].concat()) => {
                self.deepest(&own, path)
            }
            _ => None,
        }
    }

    /// The file of the deepest module on the way from a module.
    fn deepest(&self, start: &[&str], way: &[String]) -> Option<&'s str> {
        let way: Vec<&str> = start.iter().copied().chain(way.iter().map(String::as_str)).collect();
        (start.len()..=way.len()).rev().find_map(|length| self.0.get(&way[..length])).copied()
    }
}

/// The module of a file.
fn module(file: &str) -> Vec<&str> {
    let mut module: Vec<&str> = stem(file).split('/').collect();
    if module.last() == Some(&"mod") || matches!(module.as_slice(), ["lib" | "main"]) {
        module.pop();
    }
    module
}

fn stem(file: &str) -> &str {
    file.strip_suffix(".rs").unwrap()
}
