//! The log of clicks: lines that are only ever added, in two files of which the older one is dropped.
//!
//! ```text
//! DIR/feedback/
//!   key                    of the hashes of queries and ids
//!   clicks.tsv            day, pair, asker, position; and query and id once enough have chosen alike
//!   clicks.old.tsv        the half before it
//! ```

use super::askers::{keyed_hash, random_key};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const KEY: &str = "key";
const CLICKS: &str = "clicks.tsv";
const OLD: &str = "clicks.old.tsv";
/// The longest line that is read: longer ones are not ours.
const MAX_LINE_BYTES: u64 = 16 << 10;
/// The longest key that is read.
const MAX_KEY_BYTES: u64 = 1 << 10;
/// The most of one file that is read, whatever the setting was.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoggedClick {
    /// Days since 1970.
    pub(crate) day: u32,
    /// Query and id, hashed with the key of the log.
    pub(crate) pair: u64,
    /// Address and day, hashed with a key that is gone.
    pub(crate) asker: u64,
    /// From 1.
    pub(crate) position: u16,
    /// Query and id, once enough askers have chosen alike.
    pub(crate) text: Option<(String, String)>,
}

/// The log, open for adding.
#[derive(Debug)]
pub(super) struct ClickLog {
    folder: PathBuf,
    file: File,
    bytes: u64,
    most_bytes: u64,
    key: String,
}

impl ClickLog {
    /// Opens the log in `folder`; both files together stay below `most_bytes`.
    pub(super) fn open(folder: &Path, most_bytes: u64) -> io::Result<ClickLog> {
        fs::create_dir_all(folder)?;
        let key = key(folder)?;
        let (file, bytes) = open_for_adding(folder)?;
        Ok(ClickLog { folder: folder.to_owned(), file, bytes, most_bytes, key })
    }

    /// The hash of a query and an id.
    pub(super) fn pair(&self, query: &str, id: &str) -> u64 {
        keyed_hash(&self.key, &[query, id])
    }

    /// Adds a line. Gives whether it began a new file, so that the older half is gone.
    pub(super) fn append(&mut self, click: &LoggedClick) -> io::Result<bool> {
        let line = click.line();
        let is_full = self.bytes > 0 && self.bytes + line.len() as u64 > self.most_bytes / 2;
        if is_full {
            fs::rename(self.folder.join(CLICKS), self.folder.join(OLD))?;
            (self.file, self.bytes) = open_for_adding(&self.folder)?;
        }
        self.file.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        Ok(is_full)
    }

    /// All lines, the oldest first.
    pub(super) fn read(&self) -> io::Result<Vec<LoggedClick>> {
        read(&self.folder)
    }
}

impl LoggedClick {
    fn line(&self) -> String {
        let LoggedClick { day, pair, asker, position, text } = self;
        let text = text
            .as_ref()
            .map_or_else(String::new, |(query, id)| format!("\t{}\t{}", plain(query), plain(id)));
        format!("{day}\t{pair:016x}\t{asker:016x}\t{position}{text}\n")
    }

    /// `None` for a line that is not whole: the server may have been killed while it was written.
    fn parse(line: &str) -> Option<LoggedClick> {
        let cells: Vec<&str> = line.strip_suffix('\n')?.split('\t').collect();
        let (head, text) = match cells[..] {
            [day, pair, asker, position] => ([day, pair, asker, position], None),
            [day, pair, asker, position, query, id] => {
                ([day, pair, asker, position], Some((query.to_owned(), id.to_owned())))
            }
            _ => return None,
        };
        let hash = |text: &str| u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16);
        let [day, pair, asker, position] = head;
        Some(LoggedClick {
            day: day.parse().ok()?,
            pair: hash(pair)?,
            asker: hash(asker)?,
            position: position.parse().ok()?,
            text,
        })
    }
}

/// Ids may hold tabs and line ends, which would be other cells and lines.
fn plain(text: &str) -> String {
    text.replace(|char: char| char.is_control(), " ")
}

/// Reads the log in `folder`, the oldest lines first; lines that are damaged are left out. No log holds nothing.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<LoggedClick>> {
    let mut clicks = Vec::new();
    for name in [OLD, CLICKS] {
        let file = match File::open(folder.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let mut lines = BufReader::new(file.take(MAX_FILE_BYTES));
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            clicks.extend(std::str::from_utf8(&line).ok().and_then(LoggedClick::parse));
        }
    }
    Ok(clicks)
}

/// The newer file and its length. A line that a crash cut off is ended, or the next one would be lost with it.
fn open_for_adding(folder: &Path) -> io::Result<(File, u64)> {
    let mut file =
        private(OpenOptions::new().create(true).append(true).read(true)).open(folder.join(CLICKS))?;
    let mut bytes = file.metadata()?.len();
    if bytes > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            bytes += 1;
        }
    }
    Ok((file, bytes))
}

/// The key of the log, drawn when the log begins.
fn key(folder: &Path) -> io::Result<String> {
    let path = folder.join(KEY);
    let mut key = String::new();
    match File::open(&path) {
        Ok(file) => {
            file.take(MAX_KEY_BYTES).read_to_string(&mut key)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if key.trim().is_empty() {
        key = random_key();
        let mut file = private(OpenOptions::new().create(true).truncate(true).write(true)).open(&path)?;
        file.write_all(key.as_bytes())?;
        file.sync_all()?;
    }
    Ok(key.trim().to_owned())
}

/// For the owner's eyes only.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn click(pair: u64, text: Option<(&str, &str)>) -> LoggedClick {
        let text = text.map(|(query, id)| (query.to_owned(), id.to_owned()));
        LoggedClick { day: 20_000, pair, asker: 7, position: 3, text }
    }

    #[test]
    fn lines_are_read_as_written() {
        for click in [click(1, None), click(u64::MAX, Some(("北大", "10001154")))] {
            assert_eq!(LoggedClick::parse(&click.line()), Some(click));
        }
        let odd = click(1, Some(("a\tb", "1\n2"))).line();
        assert_eq!(LoggedClick::parse(&odd).unwrap().text, Some(("a b".to_owned(), "1 2".to_owned())));
        for line in
            ["", "\n", "1\t2\t3\t4", "1\t2\t3\t4\n", "1\t0000000000000001\t0000000000000001\t9", "北大\n"]
        {
            assert_eq!(LoggedClick::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_line_cut_off_costs_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = ClickLog::open(folder.path(), 1 << 20).unwrap();
        log.append(&click(1, None)).unwrap();
        drop(log);
        let path = folder.path().join(CLICKS);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..20], b"\xff"].concat()).unwrap();
        let mut log = ClickLog::open(folder.path(), 1 << 20).unwrap();
        log.append(&click(2, None)).unwrap();
        assert_eq!(log.read().unwrap(), [click(1, None), click(2, None)]);
        assert_eq!(log.pair("q", "1"), ClickLog::open(folder.path(), 9).unwrap().pair("q", "1"), "one key");
    }

    #[test]
    fn the_older_half_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let most = 10 * click(1, None).line().len() as u64;
        let mut log = ClickLog::open(folder.path(), most).unwrap();
        for pair in 0..23 {
            log.append(&click(pair, None)).unwrap();
        }
        let kept: Vec<u64> = log.read().unwrap().iter().map(|click| click.pair).collect();
        assert_eq!(kept, (15..23).collect::<Vec<_>>());
        let size = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(size(CLICKS) + size(OLD) <= most);
    }
}
