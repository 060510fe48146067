//! Events in: what is accepted, what is refused, and what the sender is told.

mod broken;
mod cloudevents;
mod crowd;
mod hostile;
mod identity;
mod refusals;
mod waiting;
