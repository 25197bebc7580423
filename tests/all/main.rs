//! All tests of more than one part, in one binary: it is linked once.

mod command;
mod spec_diagnostics;
mod spec_generated;
mod spec_yaml;
