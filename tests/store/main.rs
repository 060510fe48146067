//! What the store promises, asked of it through its public interface with times that the tests choose: the same
//! questions to each engine, and some that only one can be asked.

// A helper that cannot do its part fails the test, which is what a test is for.
#![allow(clippy::unwrap_used)]
// The same questions to each engine.
#![allow(clippy::duplicate_mod)]

/// What is asked of each engine. `place` beside it says where a store of the engine is.
macro_rules! conformance {
    () => {
        #[path = "../accept.rs"]
        mod accept;
        #[path = "../archive.rs"]
        mod archive;
        #[path = "../audit.rs"]
        mod audit;
        #[path = "../claim.rs"]
        mod claim;
        #[path = "../effects.rs"]
        mod effects;
        #[path = "../erase.rs"]
        mod erase;
        #[path = "../journals.rs"]
        mod journals;
        #[path = "../model.rs"]
        mod model;
        #[path = "../operate.rs"]
        mod operate;
        #[path = "../recovery.rs"]
        mod recovery;
        #[path = "../retention.rs"]
        mod retention;
        #[path = "../seal.rs"]
        mod seal;
        #[path = "../settle.rs"]
        mod settle;
        #[path = "../support.rs"]
        mod support;
        #[path = "../views.rs"]
        mod views;
    };
}

mod sqlite {
    conformance!();
    #[path = "../copy.rs"]
    mod copy;
    mod file;
    mod place;
    mod space;
}

mod postgres {
    conformance!();
    mod address;
    mod backup;
    mod moving;
    mod outage;
    mod place;
    mod plans;
    mod proxy;
    mod replicas;
    mod server;
    mod tables;
    mod ticketviews;
}
