//! All tests of more than one part, in one binary: it is linked once.

mod cases;
mod classify;
mod client;
mod command;
mod compile_fail;
mod edited_spec;
mod failure;
mod invariants;
mod layout;
mod ledger;
mod limits;
mod pace;
mod packages;
mod private;
mod report;
mod run;
mod sandbox;
mod schema;
mod sources;
mod spec_accept;
mod spec_damages;
mod spec_diagnostics;
mod spec_generated;
mod spec_reference;
mod spec_yaml;
mod wire;
