//! Keeps the traits of objects, modes and payloads to generated code.

/// Implemented by what the build generates, and by nothing else.
pub trait Sealed {}
