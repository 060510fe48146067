//! A check: a function with a name, which panics if client and simulator disagree.

use futures_util::future::LocalBoxFuture;

/// A check of a desk. Its name is the function's and stays what it is: the vendors' document refers to it.
pub(crate) struct Check<D> {
    pub(crate) name: &'static str,
    pub(crate) run: for<'d> fn(&'d D) -> LocalBoxFuture<'d, ()>,
}

/// A list of checks from the names of their functions, each an `async fn(&Desk)`.
macro_rules! checks {
    ($($function:ident),+ $(,)?) => {
        &[$($crate::support::Check { name: stringify!($function), run: |desk| Box::pin($function(desk)) }),+]
    };
}

pub(crate) use checks;
