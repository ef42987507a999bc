//! The transfer guide: what a member has to do to move from one home system into an organization of another, and what
//! is not stated anywhere in public.
//!
//! Rules are rows of `transfer/statements.tsv`, each with its source; this module only picks those that apply. Where
//! a target hangs is read off the names above it with `transfer/provinces.tsv`.

use crate::lexicon::{FormRole, forms, table};
use crate::model::{HomeSystem, OrgKind};

const STATEMENTS: &str = include_str!("../transfer/statements.tsv");
const PROVINCES: &str = include_str!("../transfer/provinces.tsv");

/// The systems that a guide can begin in.
pub const SYSTEMS: [HomeSystem; 4] =
    [HomeSystem::Zhtj, HomeSystem::Beijing, HomeSystem::Guangdong, HomeSystem::Fujian];

/// Whether a statement is known or only known not to be stated in public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// A public source says so.
    Known,
    /// No public source says what to do here.
    NotStated,
}

impl Certainty {
    /// The word used in JSON: `known` or `not_stated`.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Known => "known",
            Certainty::NotStated => "not_stated",
        }
    }
}

/// Where a member wants to go.
#[derive(Debug, Clone, Default)]
pub struct Target<'a> {
    /// The exact official name.
    pub name: &'a str,
    /// The official names from the root of the tree down to the target itself.
    pub path: Vec<&'a str>,
    /// The target's kind; `None` if the data do not say it.
    pub kind: Option<&'a OrgKind>,
    /// Whether organizations stand below the target.
    pub has_below: bool,
    /// The target's home system; `None` if the data do not say it.
    pub system: Option<&'a HomeSystem>,
    /// The name of the closed or merged organization that was asked for, if the target is its successor.
    pub successor_of: Option<&'a str>,
    /// Whether the target itself no longer takes members.
    pub is_gone: bool,
}

impl Target<'_> {
    /// Whether it is a branch, where members belong. A known kind tells, else the form word of the name; what stands
    /// above others is none, and what nothing is known of counts as one.
    fn is_branch(&self) -> bool {
        let told = self.kind.filter(|kind| kind.is_known()).map(|kind| *kind == OrgKind::Branch);
        !self.has_below && told.unwrap_or_else(|| form_of(self.name).is_none_or(|form| form == BRANCH))
    }
}

/// The family of the form word that a name ends with; the longest one counts.
fn form_of(name: &str) -> Option<&'static str> {
    let ends = forms().filter(|row| row.role == FormRole::Form && name.ends_with(row.text));
    ends.max_by_key(|row| row.text.len()).map(|row| row.form)
}

/// One statement of a guide, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whether it is known.
    pub certainty: Certainty,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Where it is said.
    pub source: &'static str,
    /// In which case it is said: the column `when` of `statements.tsv`.
    pub when: &'static str,
}

/// What a member has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// That the target is no branch, and what is known of the way to one; empty for a branch.
    pub branch: Vec<Statement>,
    /// The answer to 转入组织属于哪个省, where one is known: 北京.
    pub province: Option<String>,
    /// What is known of that answer.
    pub province_statement: Option<Statement>,
    /// The steps, in order.
    pub steps: Vec<Statement>,
    /// What goes wrong easily.
    pub warnings: Vec<Statement>,
}

/// The guide from one home system to a target.
///
/// ```
/// use index_data::model::HomeSystem;
/// use index_data::transfer::{Target, guide};
///
/// let target = Target {
///     name: "中国共产主义青年团北京大学委员会",
///     path: vec!["中国共产主义青年团中央委员会", "中国共产主义青年团北京市委员会", "中国共产主义青年团北京大学委员会"],
///     system: Some(&HomeSystem::Beijing),
///     ..Target::default()
/// };
/// assert_eq!(guide(&HomeSystem::Zhtj, &target).province.as_deref(), Some("北京"));
/// ```
pub fn guide(from: &HomeSystem, target: &Target<'_>) -> Guide {
    let place = Place::of(&target.path);
    let applies = |row: &Row| {
        is_among(row.from, Some(from)) && is_among(row.to, target.system) && is_met(row.when, target, &place)
    };
    let statement = |row: &Row| statement(row, target, &place);
    let province = section("province").find(|row| applies(row));
    Guide {
        branch: to_the_branch(target),
        province: province
            .as_ref()
            .map(|row| fill(row.answer, target, &place))
            .filter(|answer| !answer.is_empty()),
        province_statement: province.as_ref().map(statement),
        steps: section("step").filter(applies).map(|row| statement(&row)).collect(),
        warnings: section("warning").filter(applies).map(|row| statement(&row)).collect(),
    }
}

/// That the target is no branch, and what is known of the way to one, wherever the member comes from; nothing for a
/// branch.
pub fn to_the_branch(target: &Target<'_>) -> Vec<Statement> {
    let place = Place::of(&target.path);
    let rows = section("branch").filter(|row| is_met(row.when, target, &place));
    rows.map(|row| statement(&row, target, &place)).collect()
}

fn statement(row: &Row, target: &Target<'_>, place: &Place<'_>) -> Statement {
    Statement {
        certainty: row.certainty,
        zh: fill(row.zh, target, place),
        en: fill(row.en, target, place),
        source: row.source,
        when: row.when,
    }
}

fn fill(text: &str, target: &Target<'_>, place: &Place<'_>) -> String {
    let filled = text.replace("{province}", place.province.unwrap_or_default());
    let filled = filled.replace("{line}", place.line.unwrap_or_default());
    let filled = filled.replace("{former}", target.successor_of.unwrap_or_default());
    filled.replace("{name}", target.name)
}

/// One row of the statements.
struct Row {
    section: &'static str,
    from: &'static str,
    to: &'static str,
    when: &'static str,
    certainty: Certainty,
    answer: &'static str,
    zh: &'static str,
    en: &'static str,
    source: &'static str,
}

fn section(section: &'static str) -> impl Iterator<Item = Row> {
    rows().filter(move |row| row.section == section)
}

fn rows() -> impl Iterator<Item = Row> {
    table::rows(STATEMENTS).filter_map(|cells| {
        let [section, from, to, when, certainty, answer, zh, en, source] = cells[..] else { return None };
        let certainty = if certainty == "known" { Certainty::Known } else { Certainty::NotStated };
        Some(Row { section, from, to, when, certainty, answer, zh, en, source })
    })
}

/// Where a target hangs: below a province, or below a national line.
struct Place<'a> {
    province: Option<&'static str>,
    line: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The first name below the centre tells; a tree of one province begins with it.
    fn of(path: &[&'a str]) -> Place<'a> {
        let answer_of = |name: &str| {
            let mut rows = table::rows(PROVINCES).filter_map(|cells| Some((*cells.first()?, *cells.get(1)?)));
            rows.find(|(body, _)| name.contains(body)).map(|(_, answer)| answer)
        };
        let (has_centre, below) = match path {
            [root, below @ ..] if answer_of(root) == Some(CENTRE) => (true, below),
            whole => (false, whole),
        };
        let province = below.first().and_then(|name| answer_of(name));
        let line = below.first().copied().filter(|_| has_centre && province.is_none());
        Place { province, line }
    }
}

/// What `forms.tsv` calls the family of branches.
const BRANCH: &str = "branch";
/// What `provinces.tsv` calls the body above all provinces.
const CENTRE: &str = "centre";
/// The answer that is right for targets on the Beijing system, and for no others.
const BEIJING: &str = "北京";

fn is_among(systems: &str, system: Option<&HomeSystem>) -> bool {
    systems == "*" || system.is_some_and(|system| systems.split('|').any(|code| code == system.code()))
}

fn is_met(when: &str, target: &Target<'_>, place: &Place<'_>) -> bool {
    let is_elsewhere = target.system != Some(&HomeSystem::Beijing) && place.province == Some(BEIJING);
    match when {
        "always" => true,
        "province" => place.province.is_some() && !is_elsewhere,
        "under_beijing" => is_elsewhere,
        "national_line" => place.line.is_some(),
        "no_province" => place.province.is_none() && place.line.is_none(),
        "moved" => target.successor_of.is_some(),
        "gone" => target.is_gone,
        "not_a_branch" => !target.is_branch(),
        "has_below" => !target.is_branch() && target.has_below,
        "none_below" => !target.is_branch() && !target.has_below,
        "no_system" => !target.system.is_some_and(|system| SYSTEMS.contains(system)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONDITIONS: [&str; 11] = [
        "always",
        "province",
        "under_beijing",
        "national_line",
        "no_province",
        "moved",
        "gone",
        "no_system",
        "not_a_branch",
        "has_below",
        "none_below",
    ];

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(rows().count(), table::rows(STATEMENTS).count());
        for row in rows() {
            assert!(["branch", "province", "step", "warning"].contains(&row.section), "{}", row.section);
            assert!(CONDITIONS.contains(&row.when), "{}", row.when);
            for systems in [row.from, row.to] {
                let is_known = |code: &str| SYSTEMS.iter().any(|system| system.code() == code);
                assert!(systems == "*" || systems.split('|').all(is_known), "{systems}");
            }
            assert!(!row.zh.is_empty() && !row.en.is_empty() && !row.source.is_empty(), "{}", row.zh);
        }
        for cells in table::rows(PROVINCES) {
            assert_eq!(cells.len(), 2, "{cells:?}");
        }
    }

    #[test]
    fn every_pair_of_systems_has_a_province_row_and_a_step() {
        for from in &SYSTEMS {
            for to in &SYSTEMS {
                let target = Target { name: "甲", path: vec!["甲"], system: Some(to), ..Target::default() };
                let guide = guide(from, &target);
                assert!(guide.province_statement.is_some() && !guide.steps.is_empty(), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn only_what_is_no_branch_leads_to_one() {
        let says = |kind: Option<&OrgKind>, name: &'static str, has_below: bool| -> Vec<&'static str> {
            let target = Target { name, kind, has_below, ..Target::default() };
            to_the_branch(&target).iter().map(|statement| statement.certainty.name()).collect()
        };
        let unknown = OrgKind::parse("毕业班");
        for (kind, name) in [
            (Some(&OrgKind::Branch), "中国共产主义青年团某厂总支部委员会"),
            (None, "中国共产主义青年团某校高一1班支部委员会"),
            (None, "2024级1班团支部"),
            (None, "2024级1班"),
            (Some(&unknown), "2019级1班团支部"),
        ] {
            assert!(says(kind, name, false).is_empty(), "{kind:?} {name}");
            assert_eq!(says(kind, name, true), ["known", "not_stated"], "{name} stands above others");
        }
        for (kind, name) in [
            (Some(&OrgKind::Committee), "某校2024级1班团支部"),
            (None, "中国共产主义青年团某厂总支部委员会"),
            (None, "共青团某县委员会"),
            (None, "某街道团工委"),
        ] {
            assert_eq!(says(kind, name, false), ["known", "not_stated"], "{kind:?} {name}");
        }
    }
}
