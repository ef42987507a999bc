//! Numbers as names write them.

const DIGITS: [&str; 10] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// Writes a number as names of schools and classes do: 九, 十五, 二十一; from a hundred on digit by digit: 一〇一.
pub(crate) fn write_number(number: u64, out: &mut String) {
    let digit = |at: u64| DIGITS[(at % 10) as usize];
    match number {
        0..=9 => out.push_str(digit(number)),
        10..=99 => {
            if number >= 20 {
                out.push_str(digit(number / 10));
            }
            out.push('十');
            if !number.is_multiple_of(10) {
                out.push_str(digit(number));
            }
        }
        _ => {
            for char in number.to_string().bytes() {
                out.push_str(digit(u64::from(char - b'0')));
            }
        }
    }
}

/// The same as an owned text.
pub(crate) fn number(number: u64) -> String {
    let mut out = String::new();
    write_number(number, &mut out);
    out
}

/// Reads what [`write_number`] writes below a hundred, and digit by digit above; `None` for anything else.
pub(crate) fn read_number(text: &str) -> Option<u64> {
    (1..1000).find(|candidate| number(*candidate) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        for (value, text) in
            [(1, "一"), (10, "十"), (15, "十五"), (20, "二十"), (21, "二十一"), (101, "一〇一")]
        {
            assert_eq!(number(value), text);
            assert_eq!(read_number(text), Some(value));
        }
        assert_eq!(read_number("百"), None);
    }
}
