//! Numerals in hanzi and what they are worth: 十二, 一〇一.

/// The value of a numeral in hanzi, as normalized text has it: 〇 is 零 there.
pub(crate) fn numeral_value(numeral: &[char]) -> Option<u32> {
    if numeral.is_empty() {
        return None;
    }
    if !numeral.iter().any(|&c| matches!(c, '十' | '百')) {
        let digits = numeral.iter().map(|&c| hanzi_digit(c).or(matches!(c, '0' | 'o').then_some(0)));
        return digits
            .collect::<Option<Vec<u32>>>()
            .map(|digits| digits.iter().fold(0, |sum, digit| sum * 10 + digit));
    }
    let (mut value, mut pending) = (0, None);
    for &c in numeral {
        match c {
            '百' => value += pending.take()? * 100,
            '十' => value += pending.take().unwrap_or(1) * 10,
            _ => match hanzi_digit(c)? {
                0 => {}
                digit if pending.is_none() => pending = Some(digit),
                _ => return None,
            },
        }
    }
    Some(value + pending.unwrap_or(0)).filter(|&value| value > 0)
}

pub(crate) fn is_numeral(c: char) -> bool {
    hanzi_digit(c).is_some() || matches!(c, '十' | '百')
}

/// Numbers that are one hanzi, by their value.
const NUMERALS: [char; 11] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

/// The hanzi of a number up to ten.
pub(crate) fn small_numeral(value: u16) -> Option<char> {
    NUMERALS.get(usize::from(value)).copied()
}

/// The value of one hanzi, up to ten.
pub(crate) fn small_value(c: char) -> Option<u16> {
    NUMERALS.iter().position(|&numeral| numeral == c).map(|value| value as u16)
}

pub(crate) fn hanzi_digit(c: char) -> Option<u32> {
    small_value(c).map(u32::from).filter(|&value| value < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_have_the_value_that_people_read() {
        for (numeral, value) in [
            ("三", Some(3)),
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("一百零一", Some(101)),
            ("一零一", Some(101)),
            ("一o一", Some(101)),
            ("二二十", None),
            ("百", None),
            ("", None),
        ] {
            let chars: Vec<char> = numeral.chars().collect();
            assert_eq!(numeral_value(&chars), value, "{numeral}");
        }
        for value in 0..=10 {
            assert_eq!(small_numeral(value).and_then(small_value), Some(value));
        }
        assert_eq!(small_numeral(11), None);
    }
}
