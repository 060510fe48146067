//! Parses the command line, starts telemetry, runs the command.

fn main() {}
