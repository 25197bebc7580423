//! The flags of the sandbox, which a sync into it has too.

use std::path::PathBuf;

use clap::Args;

use crate::sandbox::{Duplicates, FaultKind, InjectedFault};

/// `partnerstack sandbox`
#[derive(Debug, Args)]
#[command(after_help = "\
It prints its base URL, and keeps what it is given until it is interrupted. With keys in the
environment it takes no others; without, any. In another terminal:
  partnerstack sync FILE.yaml --base-url URL")]
pub(crate) struct SandboxArgs {
    /// The port [default: any free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// How much longer every answer takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u64).range(..=86_400_000))]
    pub(crate) latency: u64,
    #[arg(long, value_name = "KIND:PERMILLE", help = faults_help())]
    pub(crate) faults: Vec<InjectedFault>,
    /// What a create with a known identity gets: accept, 400 or 409 [default: 400]
    #[arg(long, value_name = "POLICY", default_value = "400", hide_default_value = true)]
    pub(crate) duplicates: Duplicates,
    #[command(flatten)]
    pub(crate) rehearsal: RehearsalArgs,
}

/// What makes a rehearsal like the real thing.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Rehearsal")]
pub(crate) struct RehearsalArgs {
    /// The sandbox refuses what refers to none of the keys in this file (repeatable)
    #[arg(long, value_name = "[LIST=]PATH")]
    pub(crate) known: Vec<String>,
    /// Write what the sandbox gets, a line of JSON for each request
    #[arg(long, value_name = "PATH")]
    pub(crate) requests: Option<PathBuf>,
}

fn faults_help() -> String {
    let kinds = FaultKind::ALL.map(FaultKind::name).join(", ");
    format!("Let so many requests in a thousand fail (repeatable), in one of these ways: {kinds}")
}
