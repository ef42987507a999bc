//! How a unit and its leaves are called: the house style, filled with the names of the place.

use super::classes::{self, ClassHouse};
use super::facts;
use super::lists::{Lists, Major, Style};
use super::numerals;
use super::place_stem::place_stem;
use super::rng::{Purpose, Rng};
use super::template::{Slot, Template};
use super::tree::{Group, Place, Segment, Text, Tree, Unit};
use crate::model::OrgKind;

/// A name in its parts: 中国共产主义青年团 + 北京大学 + 委员会.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) kind: &'static OrgKind,
    pub(crate) prefix: &'static str,
    pub(crate) core: String,
    pub(crate) suffix: &'static str,
    /// The core tells nothing of what stands above: 2024级1班.
    pub(crate) bare: bool,
}

impl Label {
    pub(crate) fn full(&self) -> String {
        let mut name = String::with_capacity(self.prefix.len() + self.core.len() + self.suffix.len());
        name.push_str(self.prefix);
        name.push_str(&self.core);
        name.push_str(self.suffix);
        name
    }

    fn new(style: &'static Style, core: String) -> Label {
        Label { kind: &style.kind, prefix: style.prefix, core, suffix: style.suffix, bare: style.bare }
    }
}

/// One unit with all that its own and its leaves' names need, gathered once.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) at: u32,
    pub(crate) unit: &'a Unit,
    pub(crate) place: Place<'a>,
    /// Names of the institution above the unit, joined; and with the unit's own.
    above: String,
    pub(crate) inst: String,
    pub(crate) house: Option<ClassHouse>,
    pub(crate) majors: Vec<&'static Major>,
    fixed: Vec<&'static Style>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(tree: &'a Tree, at: u32) -> Option<Scene<'a>> {
        let unit = tree.unit(at)?;
        let (mut above, mut inst) = (String::new(), String::new());
        if !unit.alone {
            tree.institution(unit.parent, &mut above);
        }
        tree.institution(at, &mut inst);
        let house = ClassHouse::of(tree, at);
        let majors = match &house {
            Some(house) if house.has_majors() => classes::majors(tree, at, house.major_count()),
            _ => Vec::new(),
        };
        let fixed = facts::fixed_styles(tree, at, unit.group).collect();
        Some(Scene { tree, at, unit, place: tree.place(at), above, inst, house, majors, fixed })
    }

    pub(crate) fn own(&self) -> &'a str {
        self.tree.text(self.unit.own)
    }

    /// The unit's name.
    pub(crate) fn unit_label(&self) -> Option<Label> {
        self.unit_label_as(self.unit.own)
    }

    /// The unit's name, were its own name another one: an earlier name in the same style.
    pub(crate) fn unit_label_as(&self, own: Text) -> Option<Label> {
        let own = self.tree.text(own);
        self.unit_label_named(own)
    }

    pub(crate) fn unit_label_named(&self, own: &str) -> Option<Label> {
        let has_parts = self.unit.leaves[Segment::Department as usize] > 0;
        let group = match self.unit.group {
            Group::Body if has_parts => "body_large",
            group => group.style_group(),
        };
        let styles = self.tree.lists.styles(group);
        // Streets write as their county does and colleges as their university, most of the time.
        let follows =
            matches!(self.unit.group, Group::Street | Group::Town | Group::College | Group::LineSub);
        let house = if follows { self.unit.parent } else { self.at };
        let style = self.draw(styles, house, self.at, 250)?;
        let mut core = String::new();
        style.core.render(&mut core, |slot, out| match slot {
            Slot::Own => out.push_str(own),
            Slot::Inst => out.push_str(&self.above),
            other => self.fill_place(other, style.core.has(Slot::Province), out),
        });
        // 北京大学 + 北京大学医学部: a name that carries the one above does not take it twice.
        if !self.above.is_empty()
            && own.starts_with(self.above.as_str())
            && core.starts_with(self.above.as_str())
        {
            core.drain(..self.above.len());
        }
        Some(Label::new(style, core))
    }

    /// The style of a house, or in a few cases of the one itself.
    fn draw(
        &self,
        styles: &'static [Style],
        house: u32,
        own: u32,
        own_permille: u64,
    ) -> Option<&'static Style> {
        let mut rng = Rng::at(self.tree.seed, Purpose::Style, u64::from(own) << 4 | 1);
        let house = if rng.permille(own_permille) { own } else { house };
        let group = u64::from(styles.len() as u32);
        Rng::at(self.tree.seed, Purpose::Style, u64::from(house) << 12 | group << 4 | 2)
            .weighted(styles, |style| style.weight)
    }

    fn fill_place(&self, slot: Slot, has_province: bool, out: &mut String) {
        let place = &self.place;
        match slot {
            Slot::Province => out.push_str(place.province),
            Slot::City if self.unit.group == Group::City => out.push_str(place.city),
            // A municipality stands for its city, unless the name begins with it anyway.
            Slot::City if place.city.is_empty() && !has_province && place.province.ends_with('市') => {
                out.push_str(place.province);
            }
            Slot::City => out.push_str(place.city),
            Slot::County => out.push_str(place.county),
            Slot::Street => out.push_str(place.street),
            Slot::Own | Slot::Parent => out.push_str(self.own()),
            _ => {}
        }
    }

    /// What a leaf is called by itself: 2024级软件工程1班, 科春社区.
    pub(crate) fn leaf_text(&self, segment: Segment, index: u32) -> String {
        let mut text = String::new();
        match segment {
            Segment::Fixed => {}
            Segment::Village => village(self.tree.lists, self.unit, index, &mut text),
            Segment::Class => {
                if let Some(house) = &self.house {
                    house.write(index, &self.majors, &mut text);
                }
            }
            Segment::Department => department(self.tree.lists, self.unit.sort, index, &mut text),
            Segment::Company => self.company(self.unit.leaf_row(segment, index), &mut text),
        }
        text
    }

    /// The major of a class, where classes carry majors.
    pub(crate) fn major_of(&self, index: u32) -> Option<&'static Major> {
        let class = self.house.as_ref()?.class(index);
        self.majors.get(class.major as usize).copied()
    }

    /// A leaf's name.
    pub(crate) fn leaf_label(&self, segment: Segment, index: u32) -> Option<Label> {
        if segment == Segment::Fixed {
            return self.fixed_label(index);
        }
        let text = self.leaf_text(segment, index);
        self.leaf_label_named(segment, index, &text)
    }

    /// A leaf's name, were it called `text`.
    pub(crate) fn leaf_label_named(&self, segment: Segment, index: u32, text: &str) -> Option<Label> {
        let style = self.leaf_style(segment, index)?;
        let mut core = String::new();
        style.core.render(&mut core, |slot, out| match slot {
            Slot::Leaf => out.push_str(text),
            Slot::Inst => out.push_str(&self.inst),
            other => self.fill_place(other, style.core.has(Slot::Province), out),
        });
        Some(Label::new(style, core))
    }

    fn leaf_style(&self, segment: Segment, index: u32) -> Option<&'static Style> {
        let row = self.unit.leaf_row(segment, index);
        let (group, house, own_permille) = match segment {
            Segment::Fixed => return self.fixed.get(index as usize).copied(),
            Segment::Village => ("village", self.at, 80),
            Segment::Class if self.unit.group == Group::College => {
                let own = Rng::at(self.tree.seed, Purpose::Style, u64::from(self.at)).permille(150);
                ("class", if own { self.at } else { self.unit.parent }, 12)
            }
            Segment::Class => ("school_class", self.at, 12),
            Segment::Department => ("department", self.at, 30),
            Segment::Company => ("company", row, 0),
        };
        // Rows and units are numbered apart: an own draw must not fall on a unit's.
        let own = row | 1 << 31;
        self.draw(self.tree.lists.styles(group), house, own, own_permille)
    }

    fn fixed_label(&self, index: u32) -> Option<Label> {
        let style = self.fixed.get(index as usize).copied()?;
        let mut core = String::new();
        style.core.render(&mut core, |slot, out| match slot {
            Slot::Inst => out.push_str(&self.above),
            Slot::Year => out.push_str(&classes::NEWEST_YEAR.to_string()),
            other => self.fill_place(other, style.core.has(Slot::Province), out),
        });
        Some(Label::new(style, core))
    }

    /// A company: place, trade name, line of business, form.
    fn company(&self, row: u32, out: &mut String) {
        let mut rng = Rng::at(self.tree.seed, Purpose::Company, u64::from(row));
        self.company_from(&mut rng, out);
    }

    /// A company that draws from `rng`.
    pub(crate) fn company_from(&self, rng: &mut Rng, out: &mut String) {
        if let Some(company) = self.draw_company(rng) {
            company.write(out);
        }
    }

    /// The parts of the company of a row.
    pub(crate) fn company_of(&self, row: u32) -> Option<Company<'a>> {
        self.draw_company(&mut Rng::at(self.tree.seed, Purpose::Company, u64::from(row)))
    }

    fn draw_company(&self, rng: &mut Rng) -> Option<Company<'a>> {
        let lists = self.tree.lists;
        let place = &self.place;
        let city = if place.city.is_empty() { place.province } else { place.city };
        let city =
            if place.city.is_empty() && !place.province.ends_with('市') { place.county } else { city };
        let near =
            if !place.county.is_empty() && rng.permille(300) { place.county } else { place_stem(city) };
        let trade_name = rng.pick(&lists.trade_names).copied().unwrap_or("");
        let trade = rng.weighted(&lists.company_trades, |word| word.weight).map_or("", |word| word.text);
        let form = rng.weighted(&lists.company_forms, |word| word.weight).map_or("", |word| word.text);
        let (_, order) = rng.weighted(&lists.company_orders, |(weight, _)| *weight)?;
        Some(Company { near, city, trade_name, trade, form, order })
    }
}

/// A company in the parts of its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Company<'a> {
    near: &'a str,
    city: &'a str,
    pub(crate) trade_name: &'a str,
    pub(crate) trade: &'a str,
    pub(crate) form: &'a str,
    order: &'static Template,
}

impl Company<'_> {
    pub(crate) fn write(&self, out: &mut String) {
        self.order.render(out, |slot, out| {
            out.push_str(match slot {
                Slot::Place => self.near,
                Slot::City => self.city,
                Slot::Stem => place_stem(self.city),
                Slot::Name => self.trade_name,
                Slot::Trade => self.trade,
                Slot::Form => self.form,
                _ => "",
            });
        });
    }
}

fn village(lists: &Lists, unit: &Unit, index: u32, out: &mut String) {
    let Some(street) = lists.streets.get(unit.list as usize) else { return };
    let packed = street.villages.split('\t').nth(index as usize).unwrap_or("");
    if let Some(stem) = packed.strip_suffix('S') {
        out.push_str(stem);
        out.push_str("社区");
    } else if let Some(stem) = packed.strip_suffix('C') {
        out.push_str(stem);
        out.push('村');
    } else {
        out.push_str(packed);
    }
}

fn department(lists: &Lists, list: &str, index: u32, out: &mut String) {
    let names = lists.departments.iter().find(|(name, _)| *name == list).map(|(_, names)| names);
    if let Some(name) = names.and_then(|names| names.get(index as usize)) {
        out.push_str(name);
    } else {
        out.push('第');
        numerals::write_number(u64::from(index) + 1, out);
    }
}
