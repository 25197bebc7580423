//! The key pair of the tests, and where it is sent.

use partnerstack_connector::cli::Environment;

/// The key pair of the tests; no other text is like it.
pub const PUBLIC_KEY: &str = "pk_Zq7WmX2uTtest";
/// See [`PUBLIC_KEY`].
pub const SECRET_KEY: &str = "sk_Hn4V/R9cJtest";
/// The header that carries the pair.
pub const AUTHORIZATION: &str = "Basic cGtfWnE3V21YMnVUdGVzdDpza19IbjRWL1I5Y0p0ZXN0";

/// What stands before every path.
pub const PREFIX: &str = "/api/v2";

/// An environment that has the key pair and nothing else.
#[must_use]
pub fn keys() -> Environment {
    Environment::of([("PARTNERSTACK_PUBLIC_KEY", PUBLIC_KEY), ("PARTNERSTACK_SECRET_KEY", SECRET_KEY)])
}
