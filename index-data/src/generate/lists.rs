//! The embedded lists: real places, schools and words. Unpacked once for the program, then borrowed.

mod characters;
mod divisions;
mod query_words;
mod record_words;
mod records;

pub(crate) use characters::{confusions, traditional};
pub(crate) use divisions::{City, County, Province, Street};
pub(crate) use query_words::{EnglishWord, OfficeRule, QueryWords, Sentence};
pub(crate) use record_words::RecordWords;

use super::template::Template;
use crate::model::OrgKind;
use divisions::Divisions;
use records::{number, pairs, records, unpack};
use std::sync::OnceLock;

/// A university or college of its own.
#[derive(Debug)]
pub(crate) struct University {
    pub(crate) name: &'static str,
    pub(crate) province: usize,
    pub(crate) city: &'static str,
    pub(crate) bachelor: bool,
    pub(crate) below_city: bool,
    pub(crate) colleges: Vec<&'static str>,
}

/// How a name of one group may be written.
#[derive(Debug)]
pub(crate) struct Style {
    pub(crate) weight: u32,
    pub(crate) kind: OrgKind,
    pub(crate) prefix: &'static str,
    pub(crate) core: Template,
    pub(crate) suffix: &'static str,
    /// The core is the leaf's own text alone; only the path tells such leaves apart.
    pub(crate) bare: bool,
}

/// The styles of one group.
#[derive(Debug)]
pub(crate) struct StyleGroup {
    name: &'static str,
    pub(crate) styles: Vec<Style>,
}

/// Branches of fixed name that one group of owners has: at most one of the styles a set.
#[derive(Debug)]
pub(crate) struct FixedSet {
    pub(crate) owner: &'static str,
    set: &'static str,
    pub(crate) permille: u64,
    pub(crate) styles: Vec<Style>,
}

/// How a class may be called.
#[derive(Debug)]
pub(crate) struct ClassStyle {
    pub(crate) group: &'static str,
    pub(crate) weight: u32,
    pub(crate) name: Template,
}

/// Schools or public bodies by pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) owner: &'static str,
    pub(crate) permille: u64,
    pub(crate) most: u64,
    /// The stage of a school, the department list of a body.
    pub(crate) sort: &'static str,
    pub(crate) name: Template,
    pub(crate) former: Option<Template>,
}

/// A body that a list names: where it is and what it is.
#[derive(Debug)]
pub(crate) struct NamedBody {
    pub(crate) name: &'static str,
    pub(crate) sort: &'static str,
    pub(crate) province: &'static str,
    pub(crate) city: &'static str,
    pub(crate) county: &'static str,
}

/// A school that a list names.
#[derive(Debug)]
pub(crate) struct NamedSchool {
    pub(crate) name: &'static str,
    pub(crate) county: &'static str,
    pub(crate) alias: &'static str,
    pub(crate) stage: &'static str,
}

/// A national line or a unit of it.
#[derive(Debug)]
pub(crate) struct LineEntry {
    pub(crate) level: u8,
    pub(crate) name: &'static str,
    pub(crate) sort: &'static str,
    pub(crate) province: &'static str,
    pub(crate) branches: &'static str,
    pub(crate) provinces: &'static str,
}

/// Branches of a line's unit by pattern.
#[derive(Debug)]
pub(crate) struct BranchPattern {
    pub(crate) list: &'static str,
    pub(crate) by_city: bool,
    pub(crate) sort: &'static str,
    pub(crate) most: u64,
    pub(crate) alone: bool,
    pub(crate) name: Template,
}

/// A word with its weight.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) weight: u32,
    pub(crate) text: &'static str,
}

/// A major and its short form (empty: none in use).
#[derive(Debug)]
pub(crate) struct Major {
    pub(crate) name: &'static str,
    pub(crate) short: &'static str,
    pub(crate) weight: u32,
}

/// A rule for short forms.
#[derive(Debug)]
pub(crate) struct ShortRule {
    pub(crate) rule: &'static str,
    pub(crate) long: &'static str,
    pub(crate) short: &'static str,
}

/// Everything the generator knows about the country.
#[derive(Debug)]
pub(crate) struct Lists {
    pub(crate) provinces: Vec<Province>,
    pub(crate) cities: Vec<City>,
    pub(crate) counties: Vec<County>,
    pub(crate) streets: Vec<Street>,
    pub(crate) universities: Vec<University>,
    pub(crate) colleges_common: Vec<Word>,
    pub(crate) bodies: Vec<NamedBody>,
    pub(crate) body_patterns: Vec<Pattern>,
    pub(crate) schools: Vec<NamedSchool>,
    pub(crate) school_patterns: Vec<Pattern>,
    pub(crate) trade_names: Vec<&'static str>,
    pub(crate) company_trades: Vec<Word>,
    pub(crate) company_forms: Vec<Word>,
    pub(crate) company_orders: Vec<(u32, Template)>,
    pub(crate) lines: Vec<LineEntry>,
    pub(crate) branch_patterns: Vec<BranchPattern>,
    pub(crate) departments: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) bachelor_majors: Vec<Major>,
    pub(crate) vocational_majors: Vec<Major>,
    pub(crate) styles: Vec<StyleGroup>,
    pub(crate) fixed: Vec<FixedSet>,
    pub(crate) class_styles: Vec<ClassStyle>,
    pub(crate) short_rules: Vec<ShortRule>,
    /// Group of units and how people call their committees.
    pub(crate) committee_forms: Vec<(&'static str, &'static str)>,
    /// Text around a pasted name; `{}` is the name.
    pub(crate) noise: Vec<&'static str>,
    /// Words and their syllables, where these are not the usual ones of the characters.
    pub(crate) readings: Vec<(&'static str, &'static str)>,
}

impl Lists {
    /// The lists, unpacked at first use.
    pub(crate) fn get() -> &'static Lists {
        static LISTS: OnceLock<Lists> = OnceLock::new();
        LISTS.get_or_init(Lists::unpack)
    }

    fn unpack() -> Lists {
        let divisions = Divisions::read();
        let supplement = include_str!("../../lists/supplement.tsv");
        let extra = include_str!("../../lists/majors_extra.tsv");
        let company = include_str!("../../lists/company_words.tsv");
        let universities = universities(&divisions.provinces);
        Lists {
            provinces: divisions.provinces,
            cities: divisions.cities,
            counties: divisions.counties,
            streets: divisions.streets,
            universities,
            colleges_common: records(unpack(include_bytes!("../../lists/colleges_common.tsv.gz")))
                .map(|cell| Word { weight: number(cell[1]) as u32, text: cell[0] })
                .collect(),
            bodies: records(unpack(include_bytes!("../../lists/organizations.tsv.gz")))
                .map(|c| NamedBody { name: c[0], sort: c[1], province: c[2], city: c[3], county: c[4] })
                .collect(),
            body_patterns: records(include_str!("../../lists/bodies.tsv"))
                .map(|c| pattern(c[0], c[1], c[3], c[2], c[4], c[5]))
                .collect(),
            schools: named_schools(supplement),
            school_patterns: records(include_str!("../../lists/schools.tsv"))
                .map(|c| pattern(c[0], c[1], c[2], c[3], c[4], c[5]))
                .collect(),
            trade_names: records(unpack(include_bytes!("../../lists/trade_names.tsv.gz")))
                .map(|c| c[0])
                .collect(),
            company_trades: words(company, "trade"),
            company_forms: words(company, "form"),
            company_orders: words(company, "order")
                .iter()
                .map(|w| (w.weight, Template::parse(w.text)))
                .collect(),
            lines: lines(),
            branch_patterns: branch_patterns(),
            departments: records(include_str!("../../lists/departments.tsv"))
                .map(|c| (c[0], c[1].split('|').collect()))
                .collect(),
            bachelor_majors: bachelor_majors(extra),
            vocational_majors: records(extra)
                .filter(|c| c[0] == "vocational")
                .map(|c| Major { name: c[1], short: c[2], weight: 1 })
                .collect(),
            styles: style_groups(),
            fixed: fixed_sets(),
            class_styles: records(include_str!("../../lists/class_styles.tsv"))
                .map(|c| ClassStyle { group: c[0], weight: number(c[1]) as u32, name: Template::parse(c[2]) })
                .collect(),
            short_rules: records(include_str!("../../lists/short_words.tsv"))
                .map(|c| ShortRule { rule: c[0], long: c[1], short: c[2] })
                .collect(),
            committee_forms: pairs(include_str!("../../lists/committee_forms.tsv")),
            noise: records(include_str!("../../lists/noise.tsv")).map(|c| c[0]).collect(),
            readings: pairs(include_str!("../../lists/readings.tsv")),
        }
    }

    /// The styles of a group; empty for an unknown one.
    pub(crate) fn styles(&self, group: &str) -> &[Style] {
        self.styles.iter().find(|found| found.name == group).map_or(&[], |found| &found.styles)
    }

    /// The place of a province in [`Lists::provinces`].
    pub(crate) fn province(&self, name: &str) -> Option<usize> {
        self.provinces.iter().position(|province| province.name == name)
    }
}

fn pattern(
    owner: &'static str,
    permille: &str,
    most: &str,
    sort: &'static str,
    name: &'static str,
    former: &'static str,
) -> Pattern {
    Pattern {
        owner,
        permille: number(permille),
        most: number(most),
        sort,
        name: Template::parse(name),
        former: (!former.is_empty()).then(|| Template::parse(former)),
    }
}

fn words(text: &'static str, place: &str) -> Vec<Word> {
    records(text)
        .filter(|c| c[0] == place)
        .map(|c| Word { weight: number(c[1]) as u32, text: c[2] })
        .collect()
}

fn style(weight: &str, kind: &str, prefix: &'static str, core: &'static str, suffix: &'static str) -> Style {
    Style {
        weight: number(weight) as u32,
        kind: OrgKind::parse(kind),
        prefix,
        core: Template::parse(core),
        suffix,
        bare: core == "{leaf}" || !core.contains('{'),
    }
}

fn style_groups() -> Vec<StyleGroup> {
    let mut groups: Vec<StyleGroup> = Vec::new();
    for c in records(include_str!("../../lists/styles.tsv")) {
        if groups.last().is_none_or(|group| group.name != c[0]) {
            groups.push(StyleGroup { name: c[0], styles: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.styles.push(style(c[1], c[2], c[3], c[4], c[5]));
        }
    }
    groups
}

fn fixed_sets() -> Vec<FixedSet> {
    let mut sets: Vec<FixedSet> = Vec::new();
    for c in records(include_str!("../../lists/fixed.tsv")) {
        if sets.last().is_none_or(|set| (set.owner, set.set) != (c[0], c[1])) {
            sets.push(FixedSet { owner: c[0], set: c[1], permille: number(c[2]), styles: Vec::new() });
        }
        if let Some(set) = sets.last_mut() {
            set.styles.push(style(c[3], c[4], c[5], c[6], c[7]));
        }
    }
    sets
}

fn named_schools(supplement: &'static str) -> Vec<NamedSchool> {
    let listed = records(unpack(include_bytes!("../../lists/schools_beijing.tsv.gz"))).map(|c| NamedSchool {
        name: c[0],
        county: c[1],
        alias: c[2],
        stage: "senior",
    });
    let added = records(supplement).filter(|c| c[0] == "school").map(|c| NamedSchool {
        name: c[1],
        county: c[2],
        alias: "",
        stage: c[3],
    });
    listed.chain(added).collect()
}

fn bachelor_majors(extra: &'static str) -> Vec<Major> {
    records(unpack(include_bytes!("../../lists/majors.tsv.gz")))
        .map(|c| {
            let told =
                |sort: &str| records(extra).find(|e| e[0] == sort && e[1] == c[0]).map_or("", |e| e[2]);
            Major { name: c[0], short: told("short"), weight: number(told("common")).max(1) as u32 }
        })
        .collect()
}

fn lines() -> Vec<LineEntry> {
    records(include_str!("../../lists/lines.tsv"))
        .map(|c| LineEntry {
            level: number(c[0]) as u8,
            name: c[1],
            sort: c[2],
            province: c[3],
            branches: c[5],
            provinces: c[6],
        })
        .collect()
}

fn branch_patterns() -> Vec<BranchPattern> {
    records(include_str!("../../lists/branches.tsv"))
        .map(|c| BranchPattern {
            list: c[0],
            by_city: c[1] == "city",
            sort: c[2],
            most: number(c[3]),
            alone: c[4].starts_with('+'),
            name: Template::parse(c[4].trim_start_matches('+')),
        })
        .collect()
}

fn universities(provinces: &[Province]) -> Vec<University> {
    records(unpack(include_bytes!("../../lists/universities.tsv.gz")))
        .filter_map(|c| {
            Some(University {
                name: c[0],
                province: provinces.iter().position(|province| province.name == c[1])?,
                city: c[2],
                bachelor: c[3] == "bachelor",
                below_city: c[4] == "city",
                colleges: c[5].split('|').filter(|college| !college.is_empty()).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_whole() {
        let lists = Lists::get();
        assert_eq!(lists.provinces.len(), 31);
        assert!(lists.streets.len() > 41_000);
        assert!(lists.streets.iter().map(|street| u64::from(street.count)).sum::<u64>() > 600_000);
        assert!(lists.universities.len() > 2_700);
        assert_eq!(lists.trade_names.len(), 40_000);
        assert!(confusions().len() > 2_000 && traditional().len() > 2_000);
        for pattern in &lists.branch_patterns {
            assert!(lists.departments.iter().any(|(name, _)| *name == pattern.sort), "{}", pattern.sort);
        }
        for line in lists.lines.iter().filter(|line| line.level == 2) {
            assert!(lists.departments.iter().any(|(name, _)| *name == line.sort), "{}", line.sort);
            assert!(lists.province(line.province).is_some(), "{}", line.province);
            let known =
                line.branches.is_empty() || lists.branch_patterns.iter().any(|p| p.list == line.branches);
            assert!(known, "{}", line.branches);
        }
    }
}
