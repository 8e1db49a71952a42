//! The door: everything is in the library.

use std::process::ExitCode;

/// A webhook makes some hundred small allocations, freed on another thread than they were made on; glibc's
/// allocator spends a tenth of the processor on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    switchboard::cli::main()
}
