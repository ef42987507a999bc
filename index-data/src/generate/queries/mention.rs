//! How somebody names an organization in passing: what stands above it, then what it is called.

use super::families::two_digit_year;
use super::target::Target;
use crate::generate::candidate::{Fit, Key};
use crate::generate::place_stem::place_stem;
use crate::generate::rng::Rng;
use crate::generate::short;
use crate::generate::tree::{Group, Segment};
use crate::generate::truth;

/// A target in two parts, and what they fit.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    /// Names above the target, the higher one first; empty where its own name tells enough.
    pub(super) above: Vec<String>,
    pub(super) own: String,
    pub(super) fit: Fit,
}

impl Mention {
    /// In the words of the tree, places now and then without their last word.
    pub(super) fn plain(target: &Target<'_>, rng: &mut Rng) -> Option<Mention> {
        if target.own.is_empty() {
            return None;
        }
        let mut above = Vec::new();
        for (name, is_place) in target.above() {
            above.push(if is_place && rng.permille(400) { place_stem(&name).to_owned() } else { name });
        }
        let key = if target.leaf.is_some() { Key::Leaf } else { Key::Own };
        let fit = Fit::new(key, &target.own).with_words(above.clone());
        Some(Mention { above, own: target.own.clone(), fit })
    }

    /// By short forms: 北大 | 软微, 北大软微 | 24级软工1班. `None` where there are none.
    pub(super) fn short(target: &Target<'_>, rng: &mut Rng) -> Option<Mention> {
        let short = short::unit(target.tree, target.scene.at)?;
        match target.leaf {
            None => {
                let fit = Fit::new(Key::Short, &short);
                let above = (target.group() == Group::College)
                    .then(|| short::university(target.lists(), target.tree.own(target.scene.unit.parent)))
                    .flatten();
                let own = above.as_deref().and_then(|above| short.strip_prefix(above)).unwrap_or(&short);
                Some(Mention { own: own.to_owned(), above: above.into_iter().collect(), fit })
            }
            Some((Segment::Class, index)) => {
                let mut own = two_digit_year(&target.own);
                if let Some(major) = target.scene.major_of(index)
                    && !major.short.is_empty()
                    && rng.permille(500)
                {
                    own = own.replace(major.name, major.short);
                }
                let fit = Fit::new(Key::ShortLeaf, truth::short_leaf(&short, &target.own));
                Some(Mention { above: vec![short], own, fit })
            }
            Some(_) => None,
        }
    }

    /// Short where that is possible, half of the time.
    pub(super) fn any(target: &Target<'_>, rng: &mut Rng) -> Option<Mention> {
        let short = if rng.permille(500) { Mention::short(target, rng) } else { None };
        short.or_else(|| Mention::plain(target, rng))
    }

    /// Both parts as one text.
    pub(super) fn joined(&self) -> String {
        format!("{}{}", self.above.concat(), self.own)
    }
}
