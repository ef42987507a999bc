//! `orgsearch`, the one binary. Everything it does is in [`search_server::cli`].

use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    search_server::cli::run(std::env::args_os())
}
