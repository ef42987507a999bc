//! What people say in place of an official name: 居委会 for the community, 经开区 for the zone, 马院 for the college.

use super::lists::{Lists, OfficeRule, QueryWords};
use super::names::Scene;
use super::place_stem::place_stem;
use super::short;
use super::tree::{Group, Segment};

/// A name that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// Another organization's official or usual name goes before.
    pub(crate) is_loose: bool,
}

/// All that is said for a unit.
pub(crate) fn of_unit(scene: &Scene<'_>) -> Vec<Said> {
    let (lists, own) = (scene.tree.lists, scene.own());
    match scene.unit.group {
        Group::Street => by_rule("street", own),
        Group::Town => by_rule("town", own),
        Group::Zone => by_rule("zone", own),
        Group::University => university(lists, own),
        Group::College => college(lists, own),
        Group::School => school(lists, scene.place.county, own),
        _ => Vec::new(),
    }
}

/// All that is said for a leaf that is called `text`.
pub(crate) fn of_leaf(segment: Segment, text: &str) -> Vec<Said> {
    match segment {
        Segment::Village => by_rule("village", text),
        _ => Vec::new(),
    }
}

fn rules(owner: &str) -> impl Iterator<Item = &'static OfficeRule> {
    QueryWords::get().offices.iter().filter(move |rule| rule.owner == owner)
}

fn by_rule(owner: &str, own: &str) -> Vec<Said> {
    let said = rules(owner).filter_map(|rule| rule.said_for(own.strip_suffix(rule.ending)?));
    said.filter(|said| said.text != own).collect()
}

impl OfficeRule {
    /// What is said where `stem` stands before the ending; a single character would be no name.
    fn said_for(&self, stem: &str) -> Option<Said> {
        (stem.chars().count() >= 2)
            .then(|| Said { text: self.said.replace("{}", stem), is_loose: self.is_loose })
    }
}

/// 沈阳农大; and by its city, 石家庄师大 for 河北师范大学.
fn university(lists: &Lists, own: &str) -> Vec<Said> {
    let mut found = by_rule("university", own);
    let listed = lists.universities.iter().find(|university| university.name == own);
    let city = listed.map_or("", |university| place_stem(university.city));
    for rule in rules("university").filter(|rule| own.ends_with(rule.ending)) {
        if !city.is_empty() && !own.starts_with(city) {
            found.extend(rule.said_for(city).map(|said| Said { is_loose: true, ..said }));
        }
    }
    found
}

/// By first characters: 经济管理学院 经管院, 马克思主义学院 马院.
fn college(lists: &Lists, own: &str) -> Vec<Said> {
    let Some(stem) = own.strip_suffix("学院") else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |stem: String| {
        let text = format!("{stem}院");
        if text != own && !found.iter().any(|said: &Said| said.text == text) {
            found.push(Said { text, is_loose: false });
        }
    };
    let rule = lists.short_rules.iter().find(|rule| rule.rule == "college" && rule.long == stem);
    if let Some(rule) = rule {
        add(rule.short.to_owned());
    }
    // Words of two characters, as most are.
    let words: Vec<char> = stem.split('与').flat_map(|part| part.chars().step_by(2)).collect();
    match stem.chars().count() {
        2 => add(words.iter().take(1).collect()),
        4.. => add(words.iter().take(2).collect()),
        _ => {}
    }
    found
}

/// By rule; and of a school called after a town, with or without 镇.
fn school(lists: &Lists, county: &str, own: &str) -> Vec<Said> {
    let mut found = by_rule("school", own);
    let place = if own.starts_with(county) { county.len() } else { 0 };
    let (place, rest) = own.split_at(place);
    for rule in rules("town_school") {
        let Some(stem) = rest.strip_suffix(rule.ending) else { continue };
        if is_town(lists, county, stem)
            && let Some(said) = rule.said_for(stem)
        {
            found.push(Said { text: format!("{place}{}", said.text), ..said });
        }
    }
    found
}

fn is_town(lists: &Lists, county: &str, stem: &str) -> bool {
    let counties = lists.counties.iter().filter(|found| !county.is_empty() && found.name == county);
    let mut streets = counties.filter_map(|county| lists.streets.get(county.streets.clone())).flatten();
    streets.any(|street| street.name.strip_suffix('镇') == Some(stem))
}

/// What is said for a college, behind the short form of its university: 北大马院.
pub(crate) fn university_short(scene: &Scene<'_>) -> Option<String> {
    (scene.unit.group == Group::College)
        .then(|| short::university(scene.tree.lists, scene.tree.own(scene.unit.parent)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_said_by_rule() {
        let lists = Lists::get();
        let texts = |said: Vec<Said>| -> Vec<String> {
            said.into_iter()
                .map(|said| format!("{}{}", said.text, if said.is_loose { "?" } else { "" }))
                .collect()
        };
        for (said, expected) in [
            (by_rule("street", "中关村街道"), "中关村街道办事处"),
            (by_rule("street", "中关村街道"), "中关村办"),
            (by_rule("village", "科春社区"), "科春居委会"),
            (by_rule("village", "和平村"), "和平村委会"),
            (by_rule("town", "茅山镇"), "茅山乡?"),
            (by_rule("zone", "海安经济技术开发区"), "海安经开区"),
            (university(lists, "沈阳农业大学"), "沈阳农大"),
            (university(lists, "河北师范大学"), "石家庄师大?"),
            (college(lists, "经济管理学院"), "经管院"),
            (college(lists, "马克思主义学院"), "马院"),
            (college(lists, "电子信息工程学院"), "电信院"),
            (college(lists, "数学学院"), "数院"),
            (school(lists, "密云区", "密云区不老屯中学"), "密云区不老屯镇中学?"),
            (school(lists, "密云区", "密云区高级中学"), "密云区高中"),
        ] {
            let said = texts(said);
            assert!(said.iter().any(|said| said == expected), "{expected} in {said:?}");
        }
        assert_eq!(texts(school(lists, "密云区", "密云区实验中学")), [""; 0]);
    }
}
