//! A file that is made out of the spec.

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name, such as `customer.rs`.
    pub name: String,
    /// What it says.
    pub text: String,
}
