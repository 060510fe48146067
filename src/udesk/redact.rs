//! `Debug` for what holds words and addresses of people: only the named fields are shown.

/// Implements `Debug` for a struct that shows the given fields and says that there are others.
macro_rules! debug_only {
    ($name:ident { $($field:ident),* }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter
                    .debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use debug_only;
