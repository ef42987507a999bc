//! The tests live in `tests.rs`; this empty library only anchors the package.
