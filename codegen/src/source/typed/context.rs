//! What messages call the surroundings of a value.

/// What messages call the surroundings of a value.
#[derive(Clone, Copy)]
pub(super) enum Context<'s> {
    File,
    Key(&'s str),
    Item(&'s str),
}

impl Context<'_> {
    /// For what is wrong with a block's keys.
    pub(super) fn block(self) -> String {
        match self {
            Self::Item(key) => format!("this entry of `{key}`"),
            _ => self.value(),
        }
    }

    /// For what is wrong with the value itself.
    pub(super) fn value(self) -> String {
        match self {
            Self::File => "the file".to_owned(),
            Self::Key(key) => format!("`{key}`"),
            Self::Item(key) => format!("an item of `{key}`"),
        }
    }
}
