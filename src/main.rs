//! Parses the command line and runs the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskbridge::cli::main()
}
