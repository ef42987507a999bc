//! What happens to a name on its way through a keyboard: wrong characters, lost ones, pinyin, traditional characters.
//!
//! Every function gives `None` when the text has no place for its distortion.

use super::lists::{Lists, confusions, traditional};
use super::rng::Rng;
use pinyin::ToPinyin;

/// One character replaced by one of the same sound and tone.
pub(crate) fn homophone(text: &str, rng: &mut Rng) -> Option<String> {
    replace(text, rng, |char| confusion(char).map_or("", |(_, same, _)| same))
}

/// One character replaced by one of similar shape.
pub(crate) fn shape(text: &str, rng: &mut Rng) -> Option<String> {
    replace(text, rng, |char| confusion(char).map_or("", |(_, _, shape)| shape))
}

fn confusion(char: char) -> Option<(char, &'static str, &'static str)> {
    let all = confusions();
    let at = all.binary_search_by_key(&char, |(char, _, _)| *char).ok()?;
    all.get(at).copied()
}

/// Characters of the same sound and tone.
pub(crate) fn homophones(char: char) -> impl Iterator<Item = char> {
    confusion(char).map_or("", |(_, same, _)| same).chars()
}

/// Whether a character is a digit of a number in hanzi.
pub(crate) fn is_numeral(char: char) -> bool {
    "〇零一二三四五六七八九十百".contains(char)
}

fn replace(text: &str, rng: &mut Rng, others: impl Fn(char) -> &'static str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    // Numbers keep their meaning: 二 for 三 would be another class, not an error.
    let places: Vec<usize> =
        (0..chars.len()).filter(|at| !is_numeral(chars[*at]) && !others(chars[*at]).is_empty()).collect();
    let at = *rng.pick(&places)?;
    let choices: Vec<char> = others(chars[at]).chars().filter(|other| !is_numeral(*other)).collect();
    let other = *rng.pick(&choices)?;
    Some(chars.iter().enumerate().map(|(here, char)| if here == at { other } else { *char }).collect())
}

/// One hanzi left out.
pub(crate) fn missing(text: &str, rng: &mut Rng) -> Option<String> {
    let at = hanzi_place(text, rng, 5)?;
    Some(text.chars().enumerate().filter(|(here, _)| *here != at).map(|(_, char)| char).collect())
}

/// One hanzi typed twice.
pub(crate) fn extra(text: &str, rng: &mut Rng) -> Option<String> {
    let at = hanzi_place(text, rng, 4)?;
    let mut out = String::new();
    for (here, char) in text.chars().enumerate() {
        out.push(char);
        if here == at {
            out.push(char);
        }
    }
    Some(out)
}

/// Two neighbouring hanzi in the wrong order.
pub(crate) fn swap(text: &str, rng: &mut Rng) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let places: Vec<usize> = (1..chars.len())
        .filter(|at| is_hanzi(chars[at - 1]) && is_hanzi(chars[*at]) && chars[at - 1] != chars[*at])
        .collect();
    if chars.len() < 5 {
        return None;
    }
    let at = *rng.pick(&places)?;
    chars.swap(at - 1, at);
    Some(chars.into_iter().collect())
}

/// Every text that [`homophone`] may have made this one of.
pub(crate) fn before_homophone(text: &str) -> Vec<String> {
    before_replace(text, |(_, same, _)| same)
}

/// Every text that [`shape`] may have made this one of.
pub(crate) fn before_shape(text: &str) -> Vec<String> {
    before_replace(text, |(_, _, shape)| shape)
}

fn before_replace(
    text: &str,
    others: impl Fn(&(char, &'static str, &'static str)) -> &'static str,
) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    for at in 0..chars.len() {
        for row in confusions().iter().filter(|row| others(row).contains(chars[at])) {
            let mut before = chars.clone();
            before[at] = row.0;
            found.push(before.into_iter().collect());
        }
    }
    found
}

/// Every text that [`extra`] may have made this one of.
pub(crate) fn before_extra(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let doubled = (1..chars.len()).filter(|&at| is_hanzi(chars[at]) && chars[at] == chars[at - 1]);
    doubled.map(|at| without(&chars, at)).collect()
}

/// Every text that [`swap`] may have made this one of.
pub(crate) fn before_swap(text: &str) -> Vec<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    for at in 1..chars.len() {
        if is_hanzi(chars[at - 1]) && is_hanzi(chars[at]) && chars[at - 1] != chars[at] {
            chars.swap(at - 1, at);
            found.push(chars.iter().collect());
            chars.swap(at - 1, at);
        }
    }
    found
}

/// Every text that [`missing`] may make of this one.
pub(crate) fn all_shorter(text: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    let places: Vec<usize> = (0..chars.len()).filter(|&at| is_hanzi(chars[at])).collect();
    places.into_iter().map(move |at| without(&chars, at))
}

fn without(chars: &[char], at: usize) -> String {
    chars[..at].iter().chain(&chars[at + 1..]).collect()
}

/// A place of a hanzi in a text of at least `least` characters.
fn hanzi_place(text: &str, rng: &mut Rng, least: usize) -> Option<usize> {
    let places: Vec<usize> =
        text.chars().enumerate().filter(|(_, char)| is_hanzi(*char)).map(|(at, _)| at).collect();
    if places.len() < least {
        return None;
    }
    rng.pick(&places).copied()
}

pub(crate) fn is_hanzi(char: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&char)
}

/// The text in traditional characters, character by character; `None` if nothing changes.
pub(crate) fn to_traditional(text: &str) -> Option<String> {
    let pairs = traditional();
    let changed: String = text
        .chars()
        .map(|char| {
            let at = pairs.binary_search_by_key(&char, |(simple, _)| *simple);
            at.ok().and_then(|at| pairs.get(at)).map_or(char, |(_, other)| *other)
        })
        .collect();
    (changed != text).then_some(changed)
}

/// The syllables of a text, other characters kept as they are; `None` if a hanzi has no reading.
pub(crate) fn syllables(lists: &Lists, text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let word = lists
            .readings
            .iter()
            .filter(|(word, _)| rest.starts_with(word))
            .max_by_key(|(word, _)| word.len());
        if let Some((word, readings)) = word {
            found.extend(readings.split(' ').map(str::to_owned));
            rest = &rest[word.len()..];
            continue;
        }
        if is_hanzi(char) {
            found.push(usual_reading(char)?);
        } else if char.is_ascii_alphanumeric() {
            found.push(char.to_ascii_lowercase().to_string());
        }
        rest = &rest[char.len_utf8()..];
    }
    Some(found)
}

/// The usual reading of one hanzi, as it is typed: v for ü.
pub(crate) fn usual_reading(char: char) -> Option<String> {
    // Names nearly always read these four otherwise than running text does.
    Some(match char {
        '长' => "chang".to_owned(),
        '藏' => "zang".to_owned(),
        '都' => "du".to_owned(),
        '地' => "di".to_owned(),
        _ => char.to_pinyin()?.plain().replace('ü', "v"),
    })
}

/// The first letters of the syllables.
pub(crate) fn initials(syllables: &[String]) -> String {
    syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rng::Purpose;
    use super::*;

    #[test]
    fn distortions_change_one_thing() {
        let text = "海淀区中关村街道科春社区";
        for place in 0..50 {
            let mut rng = Rng::at(3, Purpose::Queries, place);
            let count = text.chars().count();
            for (other, length) in [
                (homophone(text, &mut rng), count),
                (shape(text, &mut rng), count),
                (missing(text, &mut rng), count - 1),
                (extra(text, &mut rng), count + 1),
                (swap(text, &mut rng), count),
            ] {
                let other = other.unwrap();
                assert_ne!(other, text);
                assert_eq!(other.chars().count(), length);
            }
        }
        assert_eq!(missing("北大", &mut Rng::at(1, Purpose::Queries, 1)), None);
    }

    #[test]
    fn distortions_can_be_undone() {
        let text = "海淀区中关村街道科春社区".to_owned();
        for place in 0..50 {
            let mut rng = Rng::at(4, Purpose::Queries, place);
            assert!(before_homophone(&homophone(&text, &mut rng).unwrap()).contains(&text));
            assert!(before_shape(&shape(&text, &mut rng).unwrap()).contains(&text));
            assert!(before_extra(&extra(&text, &mut rng).unwrap()).contains(&text));
            assert!(before_swap(&swap(&text, &mut rng).unwrap()).contains(&text));
            let shorter = missing(&text, &mut rng).unwrap();
            assert!(all_shorter(&text).any(|other| other == shorter));
        }
    }

    #[test]
    fn readings_of_names() {
        let lists = Lists::get();
        assert_eq!(syllables(lists, "重庆长治").unwrap().join(" "), "chong qing chang zhi");
        assert_eq!(initials(&syllables(lists, "北京大学2班").unwrap()), "bjdx2b");
        assert_eq!(to_traditional("北京大学软件").as_deref(), Some("北京大學軟件"));
    }
}
