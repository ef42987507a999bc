//! Makes new inputs from seeds: small edits, several at once, the same for the same seed and number.

/// Longest input made. Everything a longer one could show is shown by a repetition in a shorter one.
const MOST_BYTES: usize = 64 << 10;
/// Edits of one input.
const MOST_EDITS: u64 = 6;

/// Numbers at which something may turn over, as text and as bytes.
const NUMBERS: &[u64] = &[
    0,
    1,
    2,
    127,
    128,
    255,
    256,
    16_383,
    16_384,
    32_767,
    32_768,
    65_534,
    65_535,
    65_536,
    1_048_576,
    i32::MAX as u64,
    u32::MAX as u64 - 1,
    u32::MAX as u64,
    i64::MAX as u64,
    u64::MAX,
];

/// The tokens of a dictionary as libFuzzer reads it: `"…"` on a line, `\xNN` for a byte, `#` for a comment.
pub fn tokens(dictionary: &str) -> Vec<Vec<u8>> {
    dictionary.lines().filter_map(token).collect()
}

fn token(line: &str) -> Option<Vec<u8>> {
    let quoted = line.trim().strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut rest = quoted.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, rest) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                bytes.push(*escaped);
                rest = after;
            }
            _ => bytes.push(byte),
        }
    }
    Some(bytes)
}

/// Makes the inputs of one target.
pub struct Mutator {
    seeds: Vec<Vec<u8>>,
    tokens: Vec<Vec<u8>>,
    seed: u64,
}

impl Mutator {
    /// From seeds (none: the empty input), tokens to put in, and a number that all chance comes from.
    pub fn new(mut seeds: Vec<Vec<u8>>, tokens: Vec<Vec<u8>>, seed: u64) -> Self {
        if seeds.is_empty() {
            seeds.push(Vec::new());
        }
        Mutator { seeds, tokens, seed }
    }

    /// The `at`-th input: first the seeds as they are, then mutated ones.
    pub fn input(&self, at: u64) -> Vec<u8> {
        if let Some(seed) = usize::try_from(at).ok().and_then(|at| self.seeds.get(at)) {
            return seed.clone();
        }
        let mut chance = Chance(self.seed ^ at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut input = self.seeds[chance.below(self.seeds.len())].clone();
        for _ in 0..=chance.next() % MOST_EDITS {
            self.edit(&mut input, &mut chance);
        }
        input.truncate(MOST_BYTES);
        input
    }

    fn edit(&self, input: &mut Vec<u8>, chance: &mut Chance) {
        let at = chance.below(input.len() + 1);
        let len = chance.below((input.len() - at).min(64) + 1);
        match chance.next() % 11 {
            0 | 1 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (chance.next() % 8)),
            2 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = chance.next() as u8),
            3 => insert(input, at, &[chance.next() as u8]),
            4 => _ = input.drain(at..at + len),
            5 => {
                let piece = input[at..at + len].to_vec();
                insert(input, chance.below(input.len() + 1), &piece);
            }
            6 => self.change_number(input, at, chance),
            7 if !self.tokens.is_empty() => insert(input, at, &self.tokens[chance.below(self.tokens.len())]),
            8 => {
                let other = &self.seeds[chance.below(self.seeds.len())];
                let from = chance.below(other.len() + 1);
                let until = from + chance.below(other.len() - from + 1);
                insert(input, at, &other[from..until]);
            }
            9 => {
                // A long run of something: what is quadratic shows here.
                let piece = input[at..at + len].to_vec();
                insert(input, at, &piece.repeat(1 << (chance.next() % 11)));
            }
            _ => input.truncate(at),
        }
    }

    /// Puts a number that is a limit somewhere: over the digits at a place, or as bytes.
    fn change_number(&self, input: &mut Vec<u8>, at: usize, chance: &mut Chance) {
        let number = NUMBERS[chance.below(NUMBERS.len())];
        let from = at + input[at..].iter().position(u8::is_ascii_digit).unwrap_or(0);
        let digits = input[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && !chance.next().is_multiple_of(4) {
            input.splice(from..from + digits, number.to_string().into_bytes());
            return;
        }
        let bytes = number.to_le_bytes();
        let width = 1 << (chance.next() % 4);
        for (place, byte) in input.iter_mut().skip(at).zip(&bytes[..width]) {
            *place = *byte;
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let room = MOST_BYTES.saturating_sub(input.len()).min(piece.len());
    input.splice(at..at, piece[..room].iter().copied());
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
}
