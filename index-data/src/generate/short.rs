//! Short forms by rule: 北大 for 北京大学, 人大附中 for 中国人民大学附属中学. Each one's characters stand in the long
//! name in the same order; where no rule gives one, there is none.

use super::lists::{Lists, ShortRule};
use super::numerals;
use super::place_stem::place_stem;
use super::tree::{Group, Tree};

/// The short form of a unit, with the one of its institution in front: 北大软微.
pub(crate) fn unit(tree: &Tree, at: u32) -> Option<String> {
    let unit = tree.unit(at)?;
    let own = tree.text(unit.own);
    match unit.group {
        Group::University => university(tree.lists, own),
        Group::School => school(tree.lists, own),
        Group::College => {
            let above = university(tree.lists, tree.own(unit.parent))?;
            Some(above + &college(tree.lists, own)?)
        }
        _ => None,
    }
}

/// 北京大学 北大, 北京航空航天大学 北航, 中国人民大学 人大, 复旦大学 复旦.
pub(crate) fn university(lists: &Lists, name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("中国").filter(|rest| rest.ends_with("大学")) {
        let middle = rest.strip_suffix("大学")?;
        let short = rule(lists, "middle", middle)?.short;
        return Some(if short.chars().count() == 1 { return None } else { short.to_owned() });
    }
    if let Some(before) = name.strip_suffix("大学") {
        let place = leading_place(lists, before);
        let head = place.and_then(|place| place.chars().next());
        return match (head, place.map_or(before, |place| &before[place.len()..])) {
            (Some(head), "") => Some(format!("{head}大")),
            (Some(head), middle) => Some(format!("{head}{}", rule(lists, "middle", middle)?.short)),
            (None, alone) if alone.chars().count() == 2 => Some(alone.to_owned()),
            _ => None,
        };
    }
    let found = tail_rule(lists, "tail", name)?;
    let before = name.strip_suffix(found.long)?;
    let place = leading_place(lists, before)?;
    let middle = &before[place.len()..];
    (middle.chars().count() <= 2).then(|| format!("{place}{middle}{}", found.short))
}

/// 软件与微电子学院 软微, 机械工程系 机械.
pub(crate) fn college(lists: &Lists, name: &str) -> Option<String> {
    let stem = ["学院", "学部", "系", "书院"].iter().find_map(|word| name.strip_suffix(word))?;
    if let Some(rule) = rule(lists, "college", stem) {
        return Some(if rule.short.chars().count() == 1 {
            format!("{}院", rule.short)
        } else {
            rule.short.to_owned()
        });
    }
    if let Some((first, second)) = stem.split_once('与') {
        return Some(format!("{}{}", first.chars().next()?, second.chars().next()?));
    }
    // The ending stays where the stem alone would be any word: 法学院, 外语系.
    if stem.chars().count() <= 2 {
        return Some(name.to_owned());
    }
    let plain = ["工程", "科学", "技术"].iter().find_map(|word| stem.strip_suffix(word))?;
    (plain.chars().count() == 2).then(|| plain.to_owned())
}

/// 北京市第十五中学 北京十五中, 中国人民大学附属中学 人大附中.
pub(crate) fn school(lists: &Lists, name: &str) -> Option<String> {
    for (at, _) in name.match_indices("附属") {
        if let Some(above) = name.get(..at).and_then(|above| university(lists, above)) {
            let rest = &name[at..];
            let rule = tail_rule(lists, "school", rest).filter(|rule| rule.long == rest)?;
            return Some(above + rule.short);
        }
    }
    let place = leading_place(lists, name)?;
    let rest = name[place.len()..].trim_start_matches(['市', '区', '县']);
    if let Some(number) = rest.strip_prefix('第').and_then(|rest| rest.strip_suffix("中学"))
        && numerals::read_number(number).is_some()
    {
        return Some(format!("{place}{number}中"));
    }
    let rule = tail_rule(lists, "school", rest)?;
    let middle = rest.strip_suffix(rule.long)?;
    (middle.chars().count() <= 6).then(|| format!("{place}{middle}{}", rule.short))
}

fn rule<'a>(lists: &'a Lists, sort: &str, long: &str) -> Option<&'a ShortRule> {
    lists.short_rules.iter().find(|rule| rule.rule == sort && rule.long == long)
}

/// The first rule (the lists put longer endings first) whose long form ends `name`.
fn tail_rule<'a>(lists: &'a Lists, sort: &str, name: &str) -> Option<&'a ShortRule> {
    lists.short_rules.iter().find(|rule| rule.rule == sort && name.ends_with(rule.long))
}

/// The province or city that a name begins with, without its last word.
fn leading_place<'a>(lists: &Lists, name: &'a str) -> Option<&'a str> {
    let provinces = lists.provinces.iter().map(|province| province.name);
    let cities = lists.cities.iter().map(|city| city.name).filter(|name| !name.is_empty());
    provinces
        .chain(cities)
        .map(place_stem)
        .find(|stem| name.starts_with(stem))
        .map(|stem| &name[..stem.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_give_the_usual_short_forms() {
        let lists = Lists::get();
        for (long, short) in [
            ("北京大学", "北大"),
            ("中国人民大学", "人大"),
            ("北京航空航天大学", "北航"),
            ("沈阳农业大学", "沈农大"),
            ("复旦大学", "复旦"),
        ] {
            assert_eq!(university(lists, long).as_deref(), Some(short));
        }
        assert_eq!(college(lists, "软件与微电子学院").as_deref(), Some("软微"));
        assert_eq!(school(lists, "中国人民大学附属中学").as_deref(), Some("人大附中"));
        assert_eq!(school(lists, "北京市第十五中学").as_deref(), Some("北京十五中"));
    }
}
