//! The search for a record: its name, its parent and its region as one text.

use super::record::{Record, beginning, said};
use crate::search::{Budget, SearchRequest};
use crate::text::forms::{self, Form};
use crate::text::normalize::NormalizedText;
use crate::text::numerals::is_numeral;
use crate::text::regions::is_region_end;
use crate::text::symbols::of_char;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A record as a search, and where its fields lie in the normalized text of it.
pub(super) struct RecordQuery {
    pub(super) request: SearchRequest,
    /// The normalized name, as much of it as is read.
    pub(super) name: String,
    /// The name without prefix and form, normalized.
    pub(super) core: String,
    /// Whether the name is longer than what is read.
    pub(super) is_cut: bool,
    /// Of the name, the parent and the region, in bytes of the normalized text; empty where it is not said.
    pub(super) fields: [Range<usize>; 3],
}

impl RecordQuery {
    pub(super) fn new(record: &Record, cancel: Option<Arc<AtomicBool>>) -> RecordQuery {
        let typed = beginning(record.name.trim());
        let name = match form_of_parent(typed, record) {
            Some(name) => name,
            None => with_level_in_name(typed).unwrap_or_else(|| without_repeated_prefix(typed)),
        };
        let name = name.as_str();
        let normalized = crate::normalize(name);
        let spelled = without_gaps_in_boilerplate(name);
        let mut text = without_gaps_in_numbers(&with_gaps_at_marks(&spelled));
        let mut end = normalized.len();
        let mut fields = [0..end, end..end, end..end];
        let others = [said(record.parent.as_deref()), said(record.region.as_deref())];
        for (field, other) in fields[1..].iter_mut().zip(others) {
            let Some(other) = other.map(beginning) else { continue };
            let said = crate::normalize(other);
            let is_news = !normalized.contains(&said[forms::split(&said).core]);
            if is_news {
                text.push(' ');
                text.push_str(other);
                *field = end..end + said.len();
                end = field.end;
            }
        }
        let request = SearchRequest {
            count_total: false,
            highlight: false,
            unfinished: false,
            beyond_names: true,
            budget: Budget::RESOLVE,
            cancel,
            ..SearchRequest::new(text)
        };
        let core = normalized[forms::split(&normalized).core].to_owned();
        RecordQuery {
            request,
            core,
            is_cut: typed.len() < record.name.trim().len(),
            name: normalized,
            fields,
        }
    }
}

/// What a name of nothing but a committee's form means: the committee of the parent, or else of the region. 团县委, 团委.
fn form_of_parent(name: &str, record: &Record) -> Option<String> {
    let form = crate::normalize(name);
    let is_committee = matches!(forms::family_of(&form), Some(Form::Committee | Form::WorkCommittee));
    if !is_committee || !forms::is_boilerplate(&form) {
        return None;
    }
    let unit = said(record.parent.as_deref()).or(said(record.region.as_deref()))?;
    let unit = crate::normalize(beginning(unit));
    Some(format!("{}{form}", &unit[forms::split(&unit).core]))
}

/// A committee that names its level as the committee of the region: 于都团县委 is 于都县团委.
fn with_level_in_name(name: &str) -> Option<String> {
    let (unit, level) = name.strip_suffix('委')?.rsplit_once('团')?;
    let mut level_chars = level.chars();
    let (Some(end), None) = (level_chars.next(), level_chars.next()) else { return None };
    let is_level = is_region_end(of_char(end)) && !unit.is_empty();
    let is_said = unit.chars().next_back().is_some_and(|last| is_region_end(of_char(last)));
    is_level.then(|| if is_said { format!("{unit}团委") } else { format!("{unit}{level}团委") })
}

/// A name whose prefix is written once: 中国共青团 before 中国共产主义青年团 says nothing more.
fn without_repeated_prefix(name: &str) -> String {
    let text = NormalizedText::new(name);
    let mut start = 0;
    loop {
        let split = forms::split(&text.text()[start..]);
        let core = start + split.core.start;
        if forms::split(&text.text()[core..]).prefix.is_empty() || core == start {
            break;
        }
        start = core;
    }
    let first = text.raw_chars(&(start..text.text().len())).map_or(0, |chars| chars.start);
    name.chars().skip(first).collect()
}

/// A name whose prefix and form are written without spaces: 共 青 团 is no name of three parts.
fn without_gaps_in_boilerplate(name: &str) -> String {
    let text = NormalizedText::new(name);
    let split = forms::split(text.text());
    let Some(core) = text.raw_chars(&split.core) else { return name.to_owned() };
    let core: String = name.chars().skip(core.start).take(core.len()).collect();
    format!("{}{core}{}", &text.text()[split.prefix], &text.text()[split.form])
}

/// A name with spaces for the marks that people put between parts: 1班-法学院_北京大学. Not for what stands within a number:
/// 2024级-01班.
fn with_gaps_at_marks(name: &str) -> String {
    const ALWAYS: [char; 6] = ['>', '/', '|', '＞', '／', '｜'];
    const BETWEEN_WORDS: [char; 7] = ['-', '—', '–', '_', '－', '＿', '·'];
    let chars: Vec<char> = name.chars().collect();
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphabetic() && !c.is_ascii());
    let text = chars.iter().enumerate().map(|(at, &c)| {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let is_between = is_word(before) && before != Some(&'级') && is_word(chars.get(at + 1));
        let is_gap = ALWAYS.contains(&c) || (BETWEEN_WORDS.contains(&c) && is_between);
        if is_gap { ' ' } else { c }
    });
    text.collect()
}

/// A name whose numbers are written without spaces: 2024 级 2 班 are a year and a class.
fn without_gaps_in_numbers(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let is_number = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || is_numeral(c));
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() {
            while rest.next_if(|c| c.is_whitespace()).is_some() {}
            let (before, next) = (text.chars().next_back(), rest.peek().copied());
            if is_number(before) || is_number(next) || (before == Some('年') && next == Some('级')) {
                continue;
            }
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_again_in_the_text() {
        let record = Record::named("２０２４级 1班").parent("北京大學").region("北京市");
        let query = RecordQuery::new(&record, None);
        let text = crate::normalize(&query.request.query);
        let fields = query.fields.map(|field| text[field].to_owned());
        assert_eq!(fields, ["2024级1班", "北京大学", "北京市"]);
    }

    #[test]
    fn prefixes_and_forms_may_be_spaced_out() {
        for (name, text) in [
            ("共 青 团 南 昌 大学 委 员 会", "共青团南 昌 大学委员会"),
            ("中国共产主义青年 团海淀区委员会", "中国共产主义青年团海淀区委员会"),
            ("2024 级软件 工程 二 十 二 班", "2024级软件 工程二十二班"),
            ("1班-法学院_北京大学/北京", "1班 法学院 北京大学 北京"),
            ("2024级-01班", "2024级-01班"),
            ("九年 级 4班", "九年级4班"),
            ("", ""),
        ] {
            assert_eq!(RecordQuery::new(&Record::named(name), None).request.query, text);
        }
    }

    #[test]
    fn a_form_alone_is_that_of_the_parent() {
        for (name, parent, region, text) in [
            ("团县委", "", "江西南昌县", "江西南昌县团县委"),
            ("团委", "共青团北京大学委员会", "上海", "北京大学团委 上海"),
            ("团支部", "北京大学", "", "团支部 北京大学"),
            ("团委", "", "", "团委"),
            ("南昌团市委", "", "", "南昌市团委"),
            ("海淀区团区委", "", "", "海淀区团委"),
            ("中国共青团中国共产主义青年团中原学院委员会", "", "", "中国共产主义青年团中原学院委员会"),
        ] {
            let record = Record::named(name).parent(parent).region(region);
            assert_eq!(RecordQuery::new(&record, None).request.query, text);
        }
    }

    #[test]
    fn what_the_name_says_already_is_not_said_twice() {
        let record = Record::named("北京大学法学院").parent("共青团北京大学委员会");
        assert_eq!(RecordQuery::new(&record, None).fields[1].len(), 0);
    }
}
