//! Counts what a thread asks of the allocator: the one the server runs with, or with `--no-default-features` that of
//! the system.

#[cfg(feature = "mimalloc")]
use mimalloc::MiMalloc as Underlying;
#[cfg(not(feature = "mimalloc"))]
use std::alloc::System as Underlying;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Allocations and reallocations of this thread so far.
pub(crate) fn count() -> u64 {
    COUNT.get()
}

/// The allocator, counted.
pub(crate) struct Counted;

#[expect(unsafe_code, reason = "hands every call on as it is; counting is safe in itself")]
// SAFETY: all contracts are those of the allocator below, which gets the same arguments.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { Underlying.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { Underlying.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { Underlying.realloc(start, layout, len) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { Underlying.dealloc(start, layout) }
    }
}
