//! What the engine reaches, as ratios of one run: `cargo bench -p partnerstack-tests [-- NAME...]`. Never a test.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark says its figures, and ends where what it needs is missing"
)]

mod bare;
mod child;
mod dry;
mod memory;
mod path;
mod quota;
mod rows;
mod start;
mod stub;
mod unchanged;

/// A name and what it measures.
type Benchmark = (&'static str, fn());

const ALL: [Benchmark; 6] = [
    ("path", path::run),
    ("quota", quota::run),
    ("dry", dry::run),
    ("unchanged", unchanged::run),
    ("memory", memory::run),
    ("start", start::run),
];

fn main() {
    // Cargo adds `--bench`.
    let names: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [name, arguments @ ..] = names.as_slice()
        && name == bare::NAME
    {
        return bare::run(arguments);
    }
    for (name, run) in ALL {
        if names.is_empty() || names.iter().any(|asked| asked == name) {
            run();
        }
    }
}

/// One line: what was measured, and what it has to be.
fn say(name: &str, found: &str, target: &str) {
    println!("{name:<34} {found:<58} target {target}");
}

/// The one in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
