//! A file that a command writes: whole or not at all, packed if its name ends in `.gz`, or standard output.

use super::failure::Failure;
use super::faithful_writer::write_faithfully;
use super::interrupt::remove_on_interrupt;
use super::output;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where rows are written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// `-`
    StandardOutput,
    /// Any other path.
    File(PathBuf),
}

impl Target {
    /// Reads the argument; for clap.
    pub(super) fn parse(argument: &str) -> Result<Target, String> {
        match argument {
            "" => Err("name a file, or - for standard output".to_owned()),
            "-" => Ok(Target::StandardOutput),
            path => Ok(Target::File(path.into())),
        }
    }

    /// The directory that it lies in; that of temporary files for standard output.
    pub(super) fn directory(&self) -> PathBuf {
        match self {
            Target::StandardOutput => std::env::temp_dir(),
            Target::File(path) => parent_of(path).to_owned(),
        }
    }

    /// Writes the target with `write`. A file takes its name only once it is complete, so that a disk that fills up
    /// or Ctrl-C leave what was there before.
    pub(super) fn write<T>(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Result<T, Failure> {
        let mut written = None;
        match self {
            Target::StandardOutput => output::print(|out| {
                written = Some(write(out)?);
                Ok(())
            })?,
            Target::File(path) => {
                written = Some(
                    write_file(path, write).map_err(|error| Failure::writing(&self.to_string(), &error))?,
                );
            }
        }
        written.ok_or_else(|| Failure::writing(&self.to_string(), &io::ErrorKind::WriteZero.into()))
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::StandardOutput => f.write_str("standard output"),
            Target::File(path) => path.display().fmt(f),
        }
    }
}

fn write_file<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    match fs::metadata(path) {
        // Devices and pipes must be written where they are: a rename would put a file in their place.
        Ok(metadata) if !metadata.is_file() => {
            write_into(File::create(path)?, is_packed, write).map(|(_, it)| it)
        }
        _ => {
            let unfinished = beside(path)?;
            let name = unfinished.path().to_owned();
            remove_on_interrupt(&name, || {
                let (file, it) = write_into(unfinished, is_packed, write)?;
                file.as_file().sync_all()?;
                file.persist(path).map_err(|error| error.error)?;
                Ok(it)
            })
        }
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A nameless neighbour with the permissions a new file would have.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let directory = parent_of(path);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // tempfile wraps the error with its own path, which would name a file nobody asked for.
    builder.prefix(".orgsearch-").tempfile_in(directory).map_err(|error| error.kind().into())
}

fn write_into<W: Write, T>(
    file: W,
    is_packed: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<(W, T)> {
    if is_packed {
        let mut packer = BufWriter::new(GzEncoder::new(file, Compression::default()));
        let it = write_faithfully(&mut packer, write)?;
        let packer = packer.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((packer.finish()?, it))
    } else {
        let mut file = BufWriter::new(file);
        let it = write_faithfully(&mut file, write)?;
        Ok((file.into_inner().map_err(io::IntoInnerError::into_error)?, it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        let target = Target::File(path.clone());
        assert_eq!(target.write(|out| out.write_all(b"old").map(|()| 7)).unwrap(), 7);
        let failed = target.write(|out| -> io::Result<()> {
            out.write_all(b"new")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
