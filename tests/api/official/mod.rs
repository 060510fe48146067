//! Senders that use the official libraries of their language, each a program of its own.

mod cloudevents;
mod webhooks;
