//! Generates Rust from the spec, or fails with a line for each mistake in it.
#![expect(clippy::disallowed_methods, reason = "cargo talks to a build script through the environment")]

use std::io::Write;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut cargo = io::stdout().lock();
    // Messages, and a relative folder, start at the root of the workspace, as those of `cargo spec` do.
    env::set_current_dir("..")?;
    let spec = env::var_os("PARTNERSTACK_SPEC_DIR").map_or_else(|| PathBuf::from("spec"), PathBuf::from);
    writeln!(cargo, "cargo::rerun-if-env-changed=PARTNERSTACK_SPEC_DIR")?;
    for watched in ["api.yaml", "objects"] {
        let watched = env::current_dir()?.join(&spec).join(watched);
        writeln!(cargo, "cargo::rerun-if-changed={}", watched.display())?;
    }
    write_exports(&mut cargo)?;
    let files = match partnerstack_codegen::generate(&spec) {
        Ok(files) => files,
        Err(report) => {
            for line in report.lines() {
                writeln!(cargo, "cargo::error={line}")?;
            }
            return writeln!(
                cargo,
                "cargo::error={}: `cargo spec check` shows each in its place",
                report.count()
            );
        }
    };
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?).join("generated");
    fs::create_dir_all(&folder)?;
    for file in files {
        let path = folder.join(file.name);
        // What has not changed keeps its time, so nothing is compiled again for it.
        if fs::read(&path).ok().as_deref() != Some(file.text.as_bytes()) {
            fs::write(path, file.text)?;
        }
    }
    Ok(())
}

/// The texts of `exports`, by the names of their files, as a list that the crate includes.
fn write_exports(cargo: &mut impl Write) -> io::Result<()> {
    let folder = env::current_dir()?.join("connector/exports");
    writeln!(cargo, "cargo::rerun-if-changed={}", folder.display())?;
    let mut files = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.sort();
    let text = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        format!("({name:?}, include_str!({:?})),", path.to_string_lossy())
    };
    let list = format!("&[{}]", files.iter().map(text).collect::<String>());
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("exports.rs"), list)
}
