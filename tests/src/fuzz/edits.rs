//! Inputs that say how to damage a file, so that small seeds reach deep into large files.

/// One edit is six bytes: what to do, where (four bytes), a value.
const EDIT_BYTES: usize = 6;
/// Damage beyond this is nothing new.
const MOST_EDITS: usize = 64;

/// Damages bytes as an input says.
pub(super) fn apply(input: &[u8], file: &mut Vec<u8>) {
    for edit in input.as_chunks::<EDIT_BYTES>().0.iter().take(MOST_EDITS) {
        let [what, a, b, c, d, value] = *edit;
        let place = u32::from_le_bytes([a, b, c, d]) as usize;
        if file.is_empty() {
            return;
        }
        let len = file.len();
        // Tables and footers stand at ends: every second kind of edit counts from there.
        let at = if what & 1 == 0 { place % len } else { len - 1 - place % len.min(1 << 10) };
        match what >> 1 & 7 {
            0 | 1 => file[at] ^= 1 << (value & 7),
            2 => file[at] = value,
            3 => file[at..].iter_mut().take(4).for_each(|byte| *byte = value),
            4 => file[at..].iter_mut().take(8).for_each(|byte| *byte = 0xff),
            5 => file.truncate(at),
            6 => file[at..].iter_mut().take(usize::from(value)).for_each(|byte| *byte = 0),
            _ => file.insert(at, value),
        }
    }
}
