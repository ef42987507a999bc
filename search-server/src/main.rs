//! `orgsearch`, the one binary. Everything it does is in [`search_server::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    search_server::cli::run(std::env::args_os())
}
