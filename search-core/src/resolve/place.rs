//! Whether an organization is where a record says: by the names above it, by its own name, and by its region.

use super::reason::Agreement;
use super::words;
use crate::index::layers::Records;
use crate::text::forms;
use index_data::lexicon::{self, RegionLevel, RegionRow};
use index_data::model::Ordinal;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Regions of a record that are compared: province, city, district, and as many again.
const MAX_REGIONS: usize = 6;
/// The characters of a full name from which on it is a region wherever it stands in a name: 岳麓区, not 沙市.
const SURE_CHARS: usize = 3;

static REGIONS: LazyLock<Regions> = LazyLock::new(Regions::new);

/// A region that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// As the text names it.
    pub(super) text: String,
    /// Its name without its end.
    bare: &'static str,
    /// What it may be: there are several 鼓楼区.
    rows: &'static [RegionRow],
}

/// The regions that a column of regions names: 江西南昌县, 长沙宁乡.
pub(super) fn places_of_column(text: &str) -> Vec<Place> {
    REGIONS.find(&crate::normalize(text), |_| true)
}

/// The regions that a column of organizations above names: all of 海口秀英, of other names those that a name says.
pub(super) fn places_of_parent(text: &str) -> Vec<Place> {
    let text = crate::normalize(text);
    let core = &text[forms::split(&text).core];
    let places = REGIONS.find(core, |_| true);
    if is_whole(core, &places) { places } else { places_of_name(core) }
}

/// Whether a normalized name is nothing but regions: 海口秀英.
pub(super) fn is_all_places(core: &str) -> bool {
    is_whole(core, &REGIONS.find(core, |_| true))
}

fn is_whole(core: &str, places: &[Place]) -> bool {
    places.iter().map(|place| place.text.len()).sum::<usize>() == core.len()
}

/// The regions that a name says, its core normalized: full names, and provinces and cities that it begins with. Many
/// names are also what people say for some county: 新安 in 新安社区.
pub(super) fn places_of_name(core: &str) -> Vec<Place> {
    let mut end = 0;
    REGIONS.find(core, |found| {
        let is_large = found.rows.iter().any(|row| row.level <= RegionLevel::City);
        let is_beginning = found.start == end && is_large;
        end = if is_beginning { found.start + found.text.len() } else { end };
        is_beginning || found.is_sure()
    })
}

/// Whether an organization lies in a region, and where it lies otherwise. It [`Agreement::Differs`] only where both its
/// path and its name place it elsewhere: a company stands where its league organization does, and an organization of a
/// ministry below no region.
pub(super) fn agreement(records: &Records, org: Ordinal, place: &Place) -> (Agreement, String) {
    let core = records.core(org);
    let is_company = records.rank_row(org).class.is_empty() && words::says_type(core, "company");
    let names = |above: Ordinal| holds(records.core(above), place);
    let column = records.inherited_region(org).map(crate::normalize).unwrap_or_default();
    let says = core.starts_with(place.bare) || (core.contains(place.text.as_str()) && holds(core, place));
    if says
        || (is_company && holds(core, place))
        || holds(&column, place)
        || records.ancestors(org).any(names)
    {
        return (Agreement::Agrees, String::new());
    }
    let own = places_of_name(core);
    if is_company && own.is_empty() {
        return (Agreement::Missing, String::new());
    }
    let above =
        records.ancestors(org).flat_map(|above| REGIONS.find(records.core(above), |found| found.is_sure()));
    let known: Vec<Place> = own.into_iter().chain(above).chain(REGIONS.find(&column, |_| true)).collect();
    match known.iter().find(|known| excludes(known, place)) {
        Some(other) => (Agreement::Differs, other.text.clone()),
        None => (Agreement::Missing, String::new()),
    }
}

/// Whether a normalized name holds a region, with its end or without: 吉林 of 吉林市, but not in 吉林省. Counties become
/// districts and cities: 新建区 holds 新建县.
fn holds(name: &str, place: &Place) -> bool {
    let is_of_other_level = |full: &str| {
        let known = REGIONS.by_name.get(full);
        known.is_some_and(|(rows, _)| {
            rows.iter().all(|row| place.rows.iter().all(|wanted| wanted.level != row.level))
        })
    };
    // 义县 is not in 武义县.
    let is_end_of_another = |at: usize, end: usize| {
        let starts = name[..at].char_indices().rev().take(REGIONS.longest).map(|(start, _)| start);
        starts.into_iter().any(|start| REGIONS.by_name.contains_key(&name[start..end]))
    };
    name.match_indices(place.bare).any(|(at, bare)| {
        let behind = at + bare.len();
        let end = name[behind..].chars().next().map_or(behind, |c| behind + c.len_utf8());
        !is_end_of_another(at, end) && (end == behind || !is_of_other_level(&name[at..end]))
    })
}

/// Whether a name says that it is of a county, and none of these places is that: 襄城县第四中学 beside 许昌市第四中学.
pub(super) fn names_another_county(core: &str, places: &[Place]) -> bool {
    let named = places_of_name(core);
    let is_county = |place: &Place| place.rows.iter().all(|row| row.level == RegionLevel::County);
    let is_said = |named: &Place| places.iter().any(|place| place.bare == named.bare);
    named.iter().any(is_county) && !named.iter().filter(|place| is_county(place)).any(is_said)
}

/// Whether what lies in `known` cannot lie in `wanted`: they are of one level, or in no province both.
fn excludes(known: &Place, wanted: &Place) -> bool {
    let shares = |same: fn(&RegionRow, &RegionRow) -> bool| {
        known.rows.iter().any(|known| wanted.rows.iter().any(|wanted| same(known, wanted)))
    };
    let is_province = |place: &Place| place.rows.iter().all(|row| row.level == RegionLevel::Province);
    let is_other_province = !shares(|known, wanted| known.province == wanted.province);
    // Counties become cities and move between them: only those of one level in one province are sure to be two.
    is_other_province
        || (!is_province(known)
            && shares(|known, wanted| known.level == wanted.level && known.name != wanted.name))
}

/// All regions by their names.
struct Regions {
    by_name: HashMap<&'static str, (&'static [RegionRow], &'static str)>,
    /// The characters of the longest name.
    longest: usize,
}

/// A region found in a text.
struct Found<'t> {
    start: usize,
    text: &'t str,
    rows: &'static [RegionRow],
}

impl Found<'_> {
    /// Whether it is a full name that is hardly anything else.
    fn is_sure(&self) -> bool {
        self.text.chars().count() >= SURE_CHARS && self.rows.iter().any(|row| row.name == self.text)
    }
}

impl Regions {
    fn new() -> Regions {
        let mut rows: HashMap<&'static str, Vec<RegionRow>> = HashMap::new();
        for row in lexicon::regions() {
            rows.entry(row.name).or_default().push(row);
            if let Some(short) = row.short {
                rows.entry(short).or_default().push(row);
            }
        }
        let longest = rows.keys().map(|name| name.chars().count()).max().unwrap_or(0);
        let bare = |name: &'static str, rows: &[RegionRow]| {
            rows.first()
                .and_then(|row| row.short)
                .filter(|_| rows.iter().all(|row| row.name == name))
                .unwrap_or(name)
        };
        // Made once and kept as long as the program runs.
        let by_name = rows.into_iter().map(|(name, rows)| {
            let bare = bare(name, &rows);
            (name, (&*Vec::leak(rows), bare))
        });
        Regions { by_name: by_name.collect(), longest }
    }

    /// The regions that a normalized text names, the longest at each place, as far as they are accepted.
    fn find(&self, text: &str, mut accepts: impl FnMut(&Found<'_>) -> bool) -> Vec<Place> {
        let mut places = Vec::new();
        let mut start = 0;
        while let Some(first) = text[start..].chars().next()
            && places.len() < MAX_REGIONS
        {
            let rest = &text[start..];
            let ends: Vec<usize> =
                rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(self.longest).collect();
            let found =
                ends.iter().rev().find_map(|&end| Some((&rest[..end], self.by_name.get(&rest[..end])?)));
            let mut step = first.len_utf8();
            if let Some((name, &(rows, bare))) = found
                && accepts(&Found { start, text: name, rows })
            {
                places.push(Place { text: name.to_owned(), bare, rows });
                step = name.len();
            }
            start += step;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(places: &[Place]) -> Vec<&str> {
        places.iter().map(|place| place.text.as_str()).collect()
    }

    #[test]
    fn regions_are_told_apart_with_and_without_their_ends() {
        for (text, expected) in [
            ("江西省南昌市", vec!["江西省", "南昌市"]),
            ("江西南昌县", vec!["江西", "南昌县"]),
            ("长沙宁乡", vec!["长沙", "宁乡"]),
            ("宁波镇海", vec!["宁波", "镇海"]),
            ("", vec![]),
        ] {
            assert_eq!(texts(&places_of_column(text)), expected, "{text}");
        }
        for (text, expected) in [
            ("海口秀英", vec!["海口", "秀英"]),
            ("共青团永州市委", vec!["永州市"]),
            ("西工大软件学院", vec![]),
            ("西安市长安区", vec!["西安市", "长安区"]),
            ("", vec![]),
        ] {
            assert_eq!(texts(&places_of_parent(text)), expected, "{text}");
        }
        for (name, expected) in [
            ("江西省南昌市第一中学", vec!["江西省", "南昌市"]),
            ("九江骏名汽车销售服务有限公司", vec!["九江"]),
            ("铜盆湖社区岳麓区银盆岭街道", vec!["岳麓区"]),
            ("新安社区", vec![]),
        ] {
            assert_eq!(texts(&places_of_name(name)), expected, "{name}");
        }
    }

    #[test]
    fn regions_exclude_each_other_where_they_are_of_one_level_or_in_two_provinces() {
        for (known, wanted, expected) in [
            ("湖南省", "江西省", true),
            ("湖南省", "南昌市", true),
            ("江西省", "南昌市", false),
            ("九江市", "南昌市", true),
            ("南京市", "鼓楼区", false),
            ("海淀区", "朝阳区", true),
        ] {
            let place = |text: &str| places_of_column(text).remove(0);
            assert_eq!(excludes(&place(known), &place(wanted)), expected, "{known} {wanted}");
        }
    }
}
