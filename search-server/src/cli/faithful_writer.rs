//! Keeps the operating system's own error: crates that write rows for us wrap it and hide its kind, and then a reader
//! that left could not be told from a full disk.

use std::io::{self, Write};

/// Runs `write` on `out`, flushes it, and gives the error that `out` itself gave first, if any.
pub(super) fn write_faithfully<T>(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let mut out = FaithfulWriter { out, error: None };
    let written = write(&mut out).and_then(|it| out.flush().map(|()| it));
    written.map_err(|error| out.error.unwrap_or(error))
}

struct FaithfulWriter<W> {
    out: W,
    error: Option<io::Error>,
}

impl<W: Write> Write for FaithfulWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.remember(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.remember(flushed)
    }
}

impl<W> FaithfulWriter<W> {
    fn remember<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        // An interrupted write is tried again by whoever asked for it.
        if let Err(error) = &result
            && self.error.is_none()
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.error = Some(copy(error));
        }
        result
    }
}

fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(28))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_first_error_is_told_however_it_was_wrapped() {
        let wrapped = write_faithfully(Full, |out| out.write_all(b"x").map_err(io::Error::other));
        assert_eq!(wrapped.unwrap_err().raw_os_error(), Some(28));
        let own =
            write_faithfully(Vec::new(), |_| -> io::Result<()> { Err(io::ErrorKind::InvalidData.into()) });
        assert_eq!(own.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
