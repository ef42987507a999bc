//! When two names are the same to a reader: numbers in any writing, width, brackets and separators aside.

/// A name as a reader knows it again: 第十五中学, 15中 and 第15中学 are one, as are 高一（3）班 and 高一年级三班, 2024级1班 and 24级01班.
///
/// Only what stands in names is seen through; forms (团支部, 委员会) must be off before.
pub(crate) fn likeness(text: &str) -> String {
    let chars: Vec<char> = text.chars().map(half_width).collect();
    let mut out = String::with_capacity(text.len());
    let mut is_number_before = false;
    let mut at = 0;
    while at < chars.len() {
        let char = chars[at];
        let digits = run(&chars[at..], |char| char.is_ascii_digit());
        let hanzi = run(&chars[at..], is_numeral);
        if digits == 0 && hanzi == 0 {
            // 第 in front of a number says nothing.
            let is_ordinal = char == '第' && chars.get(at + 1).is_some_and(|next| is_digit(*next));
            if char.is_alphanumeric() && !is_ordinal {
                out.extend(char.to_lowercase());
                is_number_before = false;
            }
            at += 1;
            continue;
        }
        let mut length = digits.max(hanzi);
        // 高一三班: the first digit is the grade's.
        if hanzi > 1 && out.ends_with(['高', '初']) {
            length = 1;
        }
        let value = if digits > 0 {
            digits_value(&chars[at..at + length])
        } else {
            hanzi_value(&chars[at..at + length])
        };
        at += length;
        if is_number_before {
            out.push('.');
        }
        is_number_before = true;
        at += push_number(&mut out, value, &chars[at..]);
    }
    if let Some(rest) = out.strip_suffix('班') {
        out.truncate(rest.len());
    }
    out
}

/// Writes a number as what stands behind it asks for. Gives how many of those characters are done with.
fn push_number(out: &mut String, value: u64, rest: &[char]) -> usize {
    let follows = |word: &str| rest.iter().copied().take(word.chars().count()).eq(word.chars());
    let mut done = 0;
    let mut value = value;
    if follows("年级") && out.ends_with(['高', '初']) {
        done = 2;
    } else if follows("年级") && (7..=9).contains(&value) {
        // 八年级 is 初二.
        out.push('初');
        value -= 6;
        done = 2;
    } else if (follows("级") || follows("届")) && (2000..2100).contains(&value) {
        value %= 100;
    } else if follows("中学") {
        out.push_str(&value.to_string());
        out.push('中');
        return 2;
    }
    out.push_str(&value.to_string());
    done
}

fn half_width(char: char) -> char {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(char as u32 - 0xfee0).unwrap_or(char),
        other => other,
    }
}

fn is_numeral(char: char) -> bool {
    "〇零一二三四五六七八九十百".contains(char)
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit() || is_numeral(char)
}

fn run(chars: &[char], is_part: impl Fn(char) -> bool) -> usize {
    chars.iter().take_while(|char| is_part(**char)).count()
}

fn digits_value(digits: &[char]) -> u64 {
    let values = digits.iter().filter_map(|char| char.to_digit(10));
    values.fold(0, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit)))
}

/// 十五 by its tens, 一〇一 digit by digit.
fn hanzi_value(numerals: &[char]) -> u64 {
    let digit =
        |char: char| "〇一二三四五六七八九".chars().position(|digit| digit == char).unwrap_or(0) as u64;
    let has_places = numerals.iter().any(|char| "十百".contains(*char));
    let (mut sum, mut last) = (0_u64, 0);
    for char in numerals {
        match char {
            '十' => {
                sum = sum.saturating_add(10 * u64::max(last, 1));
                last = 0;
            }
            '百' => {
                sum = sum.saturating_add(100 * u64::max(last, 1));
                last = 0;
            }
            other if has_places => last = digit(*other),
            other => sum = sum.saturating_mul(10).saturating_add(digit(*other)),
        }
    }
    sum.saturating_add(last)
}

/// Whether the numbers of two texts are the same ones in the same order.
pub(crate) fn has_same_numbers(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(|char| is_digit(half_width(*char))).collect::<String>();
    digits(one) == digits(other)
}

/// Whether two texts differ by no more than one slip: a character wrong, lost, added, or two swapped.
pub(crate) fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let head = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[head..], &other[head..]);
    let tail = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&one[..one.len() - tail], &other[..other.len() - tail]) {
        ([], []) | ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_know_names_again() {
        for (one, other) in [
            ("北京市第十五中学", "北京市15中"),
            ("北京市第十五中学", "北京市第１５中学"),
            ("第一〇一中学", "一零一中"),
            ("高一（3）班", "高一年级三班"),
            ("高一(3)班", "高一3班"),
            ("高一三班", "高1(3)班"),
            ("高一十五班", "高一15班"),
            ("八年级2班", "初二（2）班"),
            ("2024级软件工程1班", "24级软件工程 01 班"),
            ("2024级（1）班", "２０２４级一班"),
            ("交控2020级-04班", "交控20级4班"),
            ("二十一", "21"),
        ] {
            assert_eq!(likeness(one), likeness(other), "{one} {other}");
        }
        for (one, other) in [
            ("第十五中学", "第五中学"),
            ("高一13班", "高一3班"),
            ("2024级1班", "2023级1班"),
            ("2024-1班", "20241班"),
            ("软件2401班", "软件2402班"),
            ("海淀区", "海定区"),
        ] {
            assert_ne!(likeness(one), likeness(other), "{one} {other}");
        }
        assert_eq!(likeness(""), "");
        assert_eq!(likeness("99999999999999999999999班"), u64::MAX.to_string());
    }

    #[test]
    fn one_slip_is_one() {
        for (one, other, is_one) in [
            ("东庄", "西庄", true),
            ("东庄", "庄", true),
            ("和平", "和和平", true),
            ("和平", "平和", true),
            ("和平", "和平", true),
            ("和平", "光明", false),
            ("和平里", "光和平", false),
            ("", "和", true),
            ("", "", true),
        ] {
            assert_eq!(is_one_slip(one, other), is_one, "{one} {other}");
        }
    }
}
