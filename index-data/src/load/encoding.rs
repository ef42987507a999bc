//! From bytes to UTF-8 text: gzip, byte order marks, UTF-8, UTF-16 and GB18030. Strict: what an encoding does not
//! allow is an error, never a replacement character.
//!
//! ```text
//! bytes -> unpack (gzip) -> detect on the first MiB -> decode (UTF-8 passes through unchanged)
//! ```
//! UTF-8 past the first MiB is checked by the row readers, which look at every row anyway. Zero bytes, and UTF-8 in a
//! GB18030 file, are looked for from the first byte to the last: see [`Watched`].

use super::error::{LoadError, StreamProblem};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Cursor, Read};

/// Detection looks at this much of a file.
const SAMPLE_BYTES: usize = 1 << 20;

/// Size of every read buffer on the way.
pub(super) const BUFFER_BYTES: usize = 64 << 10;

/// A text file opened: its reader gives UTF-8 (or what claims to be) without a byte order mark.
pub(super) struct Text {
    /// The text.
    pub(super) reader: BufReader<Box<dyn Read + Send>>,
    /// The encoding's name, for people.
    pub(super) encoding: &'static str,
    /// Bytes of the mark that was taken off; offsets in the text start behind it.
    pub(super) bom_bytes: u64,
}

impl Text {
    /// Detects the encoding of `bytes` and prepares its decoding.
    ///
    /// # Errors
    /// [`LoadError::NotText`] and [`LoadError::Malformed`] when the first MiB fits no encoding,
    /// [`LoadError::Io`] when it cannot be read.
    pub(super) fn open(bytes: Box<dyn Read + Send>, gzip: bool, what: &str) -> Result<Text, LoadError> {
        let mut bytes = if gzip { unpack(bytes) } else { bytes };
        let (sample, failure) = read_sample(&mut bytes);
        let whole = failure.is_none() && sample.len() < SAMPLE_BYTES;
        let detected = detect(&sample, whole, what)?;
        let bom_bytes = detected.bom_bytes as u64;
        let mut sample = Cursor::new(sample);
        sample.set_position(bom_bytes);
        let replayed = sample.chain(Resumed { failure, rest: bytes });
        let reader: Box<dyn Read + Send> = match detected.decode {
            None => Box::new(Watched::new(replayed, false, bom_bytes)),
            Some(encoding) if encoding == GB18030 => {
                let watched = Watched::new(replayed, true, bom_bytes);
                Box::new(Decoded::new(watched, GB18030, detected.name, bom_bytes))
            }
            Some(encoding) => Box::new(Decoded::new(replayed, encoding, detected.name, bom_bytes)),
        };
        let reader = BufReader::with_capacity(BUFFER_BYTES, reader);
        Ok(Text { reader, encoding: detected.name, bom_bytes })
    }
}

/// What the beginning of a file says about its encoding.
#[derive(Debug)]
struct Detected {
    name: &'static str,
    bom_bytes: usize,
    decode: Option<&'static Encoding>,
}

/// Byte order mark, else strict UTF-8, else strict GB18030.
fn detect(sample: &[u8], whole: bool, what: &str) -> Result<Detected, LoadError> {
    if sample.starts_with(b"\xff\xfe") {
        return Ok(Detected { name: "UTF-16LE", bom_bytes: 2, decode: Some(UTF_16LE) });
    }
    if sample.starts_with(b"\xfe\xff") {
        return Ok(Detected { name: "UTF-16BE", bom_bytes: 2, decode: Some(UTF_16BE) });
    }
    if let Some(offset) = sample.iter().position(|&byte| byte == 0) {
        return Err(LoadError::NotText { what: what.to_owned(), offset: offset as u64 });
    }
    if sample.starts_with(b"\xef\xbb\xbf") {
        return Ok(Detected { name: "UTF-8 with BOM", bom_bytes: 3, decode: None });
    }
    let Some(utf8_end) = utf8_malformed_at(sample, whole) else {
        return Ok(Detected { name: "UTF-8", bom_bytes: 0, decode: None });
    };
    let malformed = |offset: usize, encoding| {
        let row = 1 + sample[..offset].iter().filter(|&&byte| byte == b'\n').count() as u64;
        LoadError::Malformed { what: what.to_owned(), row, offset: offset as u64, encoding }
    };
    if is_damaged_utf8(sample) {
        return Err(malformed(utf8_end, "UTF-8"));
    }
    match malformed_at(GB18030, sample, whole) {
        None => Ok(Detected { name: "GB18030", bom_bytes: 0, decode: Some(GB18030) }),
        Some(end) => Err(malformed(end.max(utf8_end).min(sample.len()), "UTF-8 or GB18030")),
    }
}

/// Where `sample` stops being UTF-8. A character cut by the end of a partial sample is no fault.
fn utf8_malformed_at(sample: &[u8], whole: bool) -> Option<usize> {
    let error = std::str::from_utf8(sample).err()?;
    let is_cut = error.error_len().is_none() && !whole;
    (!is_cut).then_some(error.valid_up_to())
}

/// Whether text that is no UTF-8 was meant to be: nearly all UTF-8 of Chinese is also (nonsensical) GB18030, so one
/// broken byte would otherwise turn every name into nonsense. In real GB18030 text hardly three bytes in a row
/// happen to form a UTF-8 character.
fn is_damaged_utf8(sample: &[u8]) -> bool {
    let (mut wide, mut broken) = (0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        wide += chunk.valid().bytes().filter(|byte| *byte >= 0xe0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    wide > 8 * broken
}

/// Where `sample` stops being text in `encoding`.
fn malformed_at(encoding: &'static Encoding, sample: &[u8], whole: bool) -> Option<usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut scratch = vec![0; BUFFER_BYTES];
    let mut read = 0;
    loop {
        let (result, more, _) =
            decoder.decode_to_utf8_without_replacement(&sample[read..], &mut scratch, whole);
        read += more;
        match result {
            DecoderResult::OutputFull => {}
            DecoderResult::InputEmpty => return None,
            DecoderResult::Malformed(_, _) => return Some(read),
        }
    }
}

/// The beginning of a stream, and the error that ended it early, if one did: the rows before it are still good.
fn read_sample(bytes: &mut impl Read) -> (Vec<u8>, Option<io::Error>) {
    let mut sample = Vec::new();
    let failure = bytes.take(SAMPLE_BYTES as u64).read_to_end(&mut sample).err();
    (sample, failure)
}

/// What follows the sample: first the error that ended it, if one did.
struct Resumed<R> {
    failure: Option<io::Error>,
    rest: R,
}

impl<R: Read> Read for Resumed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.rest.read(out),
        }
    }
}

/// Unpacks gzip, several members after one another too.
fn unpack(bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    Box::new(Unpacked(MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, bytes))))
}

struct Unpacked<R>(R);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                StreamProblem::Gzip(error).into()
            }
            _ => error,
        })
    }
}

/// Passes bytes on and fails behind the first zero byte, and behind text that is UTF-8 where all else is GB18030:
/// nearly all UTF-8 of Chinese is GB18030 too, and would be read as other text without a word (鍥㈠ for 团).
///
/// What came before is handed out first, so that its rows are counted.
struct Watched<R> {
    inner: R,
    /// Whether the text is decoded as GB18030.
    is_gb: bool,
    offset: u64,
    /// The bytes since the last ASCII one, as far as they are worth a look.
    run: Vec<u8>,
    problem: Option<StreamProblem>,
}

impl<R> Watched<R> {
    fn new(inner: R, is_gb: bool, offset: u64) -> Self {
        Watched { inner, is_gb, offset, run: Vec::new(), problem: None }
    }

    /// How much of `bytes` is good. What is wrong behind it is kept for the next read.
    fn look_through(&mut self, bytes: &[u8]) -> usize {
        let zero = bytes.iter().position(|&byte| byte == 0);
        let good = &bytes[..zero.unwrap_or(bytes.len())];
        self.problem = zero.map(|at| StreamProblem::ZeroByte { offset: self.offset + at as u64 });
        if let Some(end) = self.is_gb.then(|| self.find_utf8(good)).flatten() {
            return end;
        }
        good.len()
    }

    fn find_utf8(&mut self, bytes: &[u8]) -> Option<usize> {
        /// Longer runs of Chinese without any ASCII are judged by their beginning.
        const LONGEST_RUN: usize = 3 << 10;
        let (mut at, mut line) = (0, 0);
        while at < bytes.len() {
            let wide = bytes[at..].iter().take_while(|byte| !byte.is_ascii()).count();
            let room = LONGEST_RUN.saturating_sub(self.run.len());
            self.run.extend_from_slice(&bytes[at..at + wide.min(room)]);
            at += wide;
            if at == bytes.len() {
                break;
            }
            if let Some(reading) = utf8_reading(&self.run) {
                let offset = self.offset + at as u64;
                self.problem = Some(StreamProblem::Mixed { offset, reading });
                return Some(line);
            }
            self.run.clear();
            let ascii = bytes[at..].iter().take_while(|byte| byte.is_ascii()).count();
            let ends = bytes[at..at + ascii].iter().rposition(|&byte| byte == b'\n');
            line = ends.map_or(line, |end| at + end + 1);
            at += ascii;
        }
        None
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.problem.is_none() {
            let read = self.inner.read(out)?;
            let good = self.look_through(&out[..read]);
            self.offset += read as u64;
            if read == 0 && self.is_gb {
                let offset = self.offset;
                self.problem =
                    utf8_reading(&self.run).map(|reading| StreamProblem::Mixed { offset, reading });
            }
            if good > 0 || self.problem.is_none() {
                return Ok(good);
            }
        }
        // The stream is over: every further read says so again.
        Err(match self.problem.as_ref() {
            Some(StreamProblem::Mixed { offset, reading }) => {
                StreamProblem::Mixed { offset: *offset, reading: reading.clone() }.into()
            }
            Some(StreamProblem::ZeroByte { offset }) => StreamProblem::ZeroByte { offset: *offset }.into(),
            _ => io::ErrorKind::InvalidData.into(),
        })
    }
}

/// The beginning of a run of bytes that was meant as UTF-8: nothing but characters of three bytes and more. GB18030
/// comes out so by chance only where a rare character begins a run of three, and real names of three are of the
/// common set, which has no byte below 0xa1.
fn utf8_reading(run: &[u8]) -> Option<String> {
    const TWO_CHARS: usize = 6;
    const SHOWN_CHARS: usize = 20;
    if run.len() < TWO_CHARS || (run.len() == TWO_CHARS && run.iter().all(|&byte| byte > 0xa0)) {
        return None;
    }
    let text = match str::from_utf8(run) {
        Ok(text) => text,
        // A long run is cut.
        Err(error) if error.error_len().is_none() => str::from_utf8(&run[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    (text.len() >= TWO_CHARS && text.chars().all(|c| c >= '\u{800}'))
        .then(|| text.chars().take(SHOWN_CHARS).collect())
}

/// Decodes a stream to UTF-8.
struct Decoded<R> {
    bytes: BufReader<R>,
    decoder: Decoder,
    name: &'static str,
    /// Bytes taken from the stream, for messages.
    offset: u64,
    text: Vec<u8>,
    /// What of `text` has not been handed out.
    ready: std::ops::Range<usize>,
    ended: bool,
    failed: bool,
}

impl<R: Read> Decoded<R> {
    fn new(bytes: R, encoding: &'static Encoding, name: &'static str, offset: u64) -> Self {
        Decoded {
            bytes: BufReader::with_capacity(BUFFER_BYTES, bytes),
            decoder: encoding.new_decoder_without_bom_handling(),
            name,
            offset,
            text: vec![0; BUFFER_BYTES],
            ready: 0..0,
            ended: false,
            failed: false,
        }
    }

    /// Decodes once more. Text before a malformed byte is handed out first, so that its rows are counted.
    fn decode(&mut self) -> io::Result<()> {
        use std::io::BufRead;
        let bytes = self.bytes.fill_buf()?;
        let last = bytes.is_empty();
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, last);
        self.bytes.consume(read);
        self.offset += read as u64;
        self.ready = 0..written;
        match result {
            DecoderResult::InputEmpty => self.ended = last,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(_, _) => self.failed = true,
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            if self.failed {
                return Err(StreamProblem::Malformed { offset: self.offset, encoding: self.name }.into());
            }
            if self.ended {
                return Ok(0);
            }
            self.decode()?;
        }
        let length = self.ready.len().min(out.len());
        out[..length].copy_from_slice(&self.text[self.ready.start..self.ready.start + length]);
        self.ready.start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, &'static str), LoadError> {
        let mut text = Text::open(Box::new(Cursor::new(bytes.to_vec())), false, "test")?;
        let mut out = Vec::new();
        text.reader.read_to_end(&mut out).map_err(|error| LoadError::from_stream("test", 1, error))?;
        Ok((String::from_utf8(out).unwrap(), text.encoding))
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "id,name\n1,共青团北京市委员会\n2,𠀋㐀團委\n";
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8 with BOM"),
            (utf16(text, u16::to_le_bytes), "UTF-16LE"),
            (utf16(text, u16::to_be_bytes), "UTF-16BE"),
            (GB18030.encode(text).0.into_owned(), "GB18030"),
        ] {
            assert_eq!(read(&bytes).unwrap(), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn characters_cut_by_the_sample_are_whole() {
        for shift in 0..4 {
            let text = "x".repeat(shift) + &"团".repeat(SAMPLE_BYTES);
            assert_eq!(read(text.as_bytes()).unwrap(), (text.clone(), "UTF-8"));
            assert_eq!(read(&GB18030.encode(&text).0).unwrap(), (text, "GB18030"));
        }
    }

    #[test]
    fn malformed_bytes_are_errors() {
        let name = "共青团北京市海淀区委员会\n".repeat(20);
        let damaged_utf8 = [name.as_bytes(), b"\xff", name.as_bytes()].concat();
        let damaged_gb = [&GB18030.encode(&name).0[..], b"\xff", name.as_bytes()].concat();
        for (bytes, wanted) in [
            (damaged_utf8, "row 21: the bytes near offset 740 are not UTF-8;"),
            (damaged_gb, "row 21: the bytes near offset 501 are not UTF-8 or GB18030"),
            (b"\xff\xfeA\0\x00\xd8".to_vec(), "near offset 6 are not UTF-16LE"),
            (b"id,na\0me".to_vec(), "a zero byte stands at offset 5"),
        ] {
            let error = read(&bytes).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn utf8_in_a_gb18030_file_is_told_by_its_row_wherever_it_stands() {
        let gb = |text: &str| GB18030.encode(text).0.into_owned();
        for before in [1, 2, 300_000] {
            for line in ["7,团委\n", "7,团支部|甲,x\n", "7,北京大学团委", "7,软件学院团支部,北京\n"]
            {
                let head =
                    gb(&("1,共青团北京市委员会\n".to_owned() + &"2,共青团海淀区委\n".repeat(before - 1)));
                let bytes = [&head[..], line.as_bytes()].concat();
                let mut text = match Text::open(Box::new(Cursor::new(bytes)), false, "test") {
                    Ok(text) => text,
                    // Not even GB18030: refused at once, which is as good.
                    Err(error) => {
                        assert!(matches!(error, LoadError::Malformed { .. }), "{error:?}");
                        continue;
                    }
                };
                let mut read = Vec::new();
                let error = text.reader.read_to_end(&mut read).unwrap_err();
                let error = LoadError::from_stream("test", 1, error);
                let told = matches!(error, LoadError::MixedEncodings { .. } | LoadError::Malformed { .. });
                assert!(told, "{line} behind {before}: {error:?}");
                let read = String::from_utf8(read).unwrap();
                assert_eq!(read.matches('\n').count(), before, "{line}");
            }
        }
    }

    #[test]
    fn real_gb18030_is_no_mixture() {
        let text =
            "联通\n1,瀛海镇,北京市\n2,朱镕基,喆\n共青团淄博市临淄区委员会,团市委|滦州\n".repeat(50_000);
        assert_eq!(read(&GB18030.encode(&text).0).unwrap(), (text, "GB18030"));
    }

    #[test]
    fn a_zero_byte_is_the_same_error_wherever_it_stands() {
        for before in [0, 10, SAMPLE_BYTES - 4, SAMPLE_BYTES, 3 * SAMPLE_BYTES + 5] {
            for start in ["团委", ""] {
                let head = start.to_owned() + &"a".repeat(before);
                for bytes in
                    [[head.as_bytes(), b"\0b\n"].concat(), [&GB18030.encode(&head).0[..], b"\0b"].concat()]
                {
                    let zero = bytes.iter().position(|&byte| byte == 0).unwrap() as u64;
                    let error = read(&bytes).unwrap_err();
                    assert!(
                        matches!(error, LoadError::NotText { offset, .. } if offset == zero),
                        "{error:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn gb18030_damage_past_the_sample_is_an_error() {
        let mut bytes = GB18030.encode(&"团委\n".repeat(400_000)).0.into_owned();
        bytes.extend_from_slice(b"\xff\xff\n");
        let error = read(&bytes).unwrap_err();
        assert!(
            matches!(error, LoadError::Malformed { offset: 2_000_001, encoding: "GB18030", .. }),
            "{error:?}"
        );
    }
}
