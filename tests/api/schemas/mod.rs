//! Which shapes of events are taken, and what becomes of every field.

mod own;
mod shapes;
