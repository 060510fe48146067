//! The flows of `examples/`, as the tools run them that people build flows with.

mod node_red;
