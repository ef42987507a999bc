//! Names in English, as signs and students write them: Haidian District No.7 Middle School, Class 14 Grade 2024.

use super::distort;
use super::lists::{EnglishWord, Lists, QueryWords};
use super::numerals;

/// One word of a name, or several that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A proper name in pinyin, in small letters.
    Pinyin(String),
    /// Words of the list; any of them may be said.
    Words(Vec<&'static str>),
    /// The last character of a place: District. It may be left out.
    Level(&'static str),
    /// 第七.
    Number(u64),
    /// 2024级, 高一: the year of entry, or the grade from 1 to 12.
    Grade(u64),
    /// 14班.
    Class(u64),
}

impl Part {
    /// The part as names are compared: the commonest words, in small letters.
    pub(crate) fn plain(&self) -> String {
        match self {
            Part::Pinyin(text) => text.clone(),
            Part::Words(words) => words.first().map_or_else(String::new, |word| word.to_lowercase()),
            Part::Level(word) => word.to_lowercase(),
            Part::Number(number) => format!("no.{number}"),
            Part::Grade(grade) => format!("grade {grade}"),
            Part::Class(number) => format!("class {number}"),
        }
    }
}

/// The parts of a name; `None` if a hanzi has no reading.
pub(crate) fn translate(lists: &Lists, text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut run = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        if let Some((part, length)) = next_part(rest, &run, run.is_empty() && parts.is_empty()) {
            flush(lists, &mut run, &mut parts)?;
            parts.push(part);
            rest = &rest[length..];
        } else {
            if distort::is_hanzi(char) || char.is_ascii_alphanumeric() {
                run.push(char);
            }
            rest = &rest[char.len_utf8()..];
        }
    }
    flush(lists, &mut run, &mut parts)?;
    Some(parts)
}

/// Ends a run of characters without English words: a proper name is one word in pinyin.
fn flush(lists: &Lists, run: &mut String, parts: &mut Vec<Part>) -> Option<()> {
    if !run.is_empty() {
        parts.push(Part::Pinyin(distort::syllables(lists, run)?.concat()));
        run.clear();
    }
    Some(())
}

/// The part that `rest` begins with, and its length; `run` is the proper name before it, if any; at the start of a name
/// there is nothing else before it.
fn next_part(rest: &str, run: &str, is_start: bool) -> Option<(Part, usize)> {
    if let Some(found) = numbered(rest, run) {
        return Some(found);
    }
    let fits = |word: &&EnglishWord| {
        let after = &rest[word.hanzi.len()..];
        match word.sort {
            // 中关村街道: a village or town within a name is part of it.
            "level" => run.chars().count() >= 2 && (after.is_empty() || "省市区县".contains(word.hanzi)),
            // 大学城路社区: at the beginning of a name, 大学 does not say what it is.
            "kind" => !is_start,
            // 法学 in 法学院, 软件 in 软件园社区.
            "subject" => (run.is_empty() || word.hanzi.len() > '一'.len_utf8()) && ends_subject(after),
            "name" => true,
            _ => false,
        }
    };
    let word = QueryWords::get().english_of(rest).find(fits)?;
    let part = match word.sort {
        "level" => Part::Level(word.words.first()?),
        _ => Part::Words(word.words.clone()),
    };
    Some((part, word.hanzi.len()))
}

/// Whether a subject may end where `after` begins: the name ends, says what it is, or counts a class.
fn ends_subject(after: &str) -> bool {
    let is_number = |char: char| char.is_ascii_digit() || "一二三四五六七八九十(（".contains(char);
    after.is_empty()
        || after.starts_with("专业")
        || after.starts_with(is_number)
        || QueryWords::get().english_of(after).any(|word| word.sort == "kind")
}

/// Numbers with what they count: 第七, 2024级, 八年级, 高一, 14班.
fn numbered(rest: &str, run: &str) -> Option<(Part, usize)> {
    if let Some(after) = rest.strip_prefix('第') {
        let (number, length) = leading_number(after)?;
        return Some((Part::Number(number), '第'.len_utf8() + length));
    }
    for (stage, before) in [("高", 9), ("初", 6)] {
        if run.is_empty()
            && let Some((grade, length)) = rest.strip_prefix(stage).and_then(grade_digit)
        {
            return Some((Part::Grade(before + grade), stage.len() + length));
        }
    }
    let open = rest.chars().next().filter(|char| matches!(char, '(' | '（')).map_or(0, char::len_utf8);
    let (number, length) = leading_number(&rest[open..])?;
    let after = &rest[open + length..];
    let close = after.chars().next().filter(|char| matches!(char, ')' | '）')).map_or(0, char::len_utf8);
    let after = &after[close..];
    for (word, part) in
        [("年级", Part::Grade(number)), ("级", Part::Grade(number)), ("班", Part::Class(number))]
    {
        if after.starts_with(word) {
            let grade = match part {
                Part::Grade(year @ 20..=99) => Part::Grade(2000 + year),
                other => other,
            };
            return Some((grade, open + length + close + word.len()));
        }
    }
    None
}

/// The grade behind 高 or 初, with 年级 where it stands.
fn grade_digit(text: &str) -> Option<(u64, usize)> {
    let digit = text.chars().next()?;
    let grade =
        numerals::read_number(digit.encode_utf8(&mut [0; 4])).filter(|grade| (1..=3).contains(grade))?;
    let length = digit.len_utf8();
    let word = if text[length..].starts_with("年级") { "年级".len() } else { 0 };
    Some((grade, length + word))
}

/// The number that a text begins with, and its length.
fn leading_number(text: &str) -> Option<(u64, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return Some((text[..digits].parse().ok()?, digits));
    }
    let is_numeral = |char: &char| "〇一二三四五六七八九十".contains(*char);
    let length: usize = text.chars().take_while(is_numeral).map(char::len_utf8).sum();
    // Reading a number tries a thousand.
    (length > 0).then(|| Some((numerals::read_number(&text[..length])?, length)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_translated_part_by_part() {
        let lists = Lists::get();
        for (name, english) in [
            ("海淀区第七中学", "haidian district no.7 middle school"),
            ("北京市第一〇一中学", "beijing city no.101 middle school"),
            ("中关村街道", "zhongguancun subdistrict"),
            ("科春社区", "kechun community"),
            ("沈阳农业大学", "shenyang agricultural university"),
            ("北京大学附属中学", "peking university affiliated middle school"),
            ("软件与微电子学院", "software and microelectronics college"),
            ("法学院", "law college"),
            ("大学城路社区", "daxuechenglu community"),
            ("2023级法学2班", "grade 2023 law class 2"),
            ("2024级软件工程14班", "grade 2024 software engineering class 14"),
            ("24级（2）班", "grade 2024 class 2"),
            ("高一(3)班", "grade 10 class 3"),
            ("高二年级三班", "grade 11 class 3"),
            ("八年级2班", "grade 8 class 2"),
            ("初二2班", "grade 8 class 2"),
            ("软件工程2301班", "software engineering class 2301"),
            ("", ""),
        ] {
            let parts = translate(lists, name).unwrap();
            let words: Vec<_> = parts.iter().map(Part::plain).collect();
            assert_eq!(words.join(" "), english, "{name}");
        }
    }
}
