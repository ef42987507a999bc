//! Years, grades and classes in pinyin, mixed with digits and hanzi as input methods leave them: gaoer15ban, 24ji软工,
//! 高er, chusan4.

use super::stand_in;
use crate::text::forms;
use crate::text::numbers::{PlacedChar, begins_counter, counter_words};
use crate::text::numerals::{is_numeral, small_numeral};
use crate::text::sounds;
use index_data::lexicon::CounterRole;

/// Hanzi or pinyin syllables that one numeral may have: 二十三.
const LONGEST_NUMERAL: usize = 3;

pub(super) fn respell(chars: Vec<PlacedChar>) -> Vec<PlacedChar> {
    if !chars.iter().any(|placed| placed.c.is_ascii_lowercase()) {
        return chars;
    }
    let reader = Reader { chars: &chars };
    let mut out: Vec<PlacedChar> = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        match reader.read(at, &out) {
            Some(read) => {
                out.extend(read.chars);
                at = read.end;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// What stands for the characters up to `end`.
#[derive(Debug, Clone, Default)]
struct Read {
    end: usize,
    chars: Vec<PlacedChar>,
    /// Whether some of it was typed in letters.
    in_letters: bool,
}

impl Read {
    fn at(at: usize) -> Read {
        Read { end: at, ..Read::default() }
    }

    fn then(mut self, next: Read) -> Read {
        self.chars.extend(next.chars);
        Read { end: next.end, chars: self.chars, in_letters: self.in_letters || next.in_letters }
    }
}

impl Read {
    /// A number and what it counts; a space between them (3 ban) does not make two parts of them.
    fn with_counter(self, mut counter: Read) -> Read {
        if let (Some(last), Some(first)) = (self.chars.last(), counter.chars.first_mut()) {
            (first.start, first.after_gap) = (last.start, false);
        }
        self.then(counter)
    }
}

struct Reader<'a> {
    chars: &'a [PlacedChar],
}

impl Reader<'_> {
    /// What begins here and is typed in letters, at least in part; `out`: what was read before.
    fn read(&self, at: usize, out: &[PlacedChar]) -> Option<Read> {
        if !self.is_boundary(at) {
            return None;
        }
        let read = self
            .grade(at)
            .or_else(|| self.class(at, out))
            .or_else(|| self.year(at))
            .or_else(|| self.ordinal(at))?;
        read.in_letters.then_some(read)
    }

    /// gaoer, 高er, chu3, gao yi nian ji, qi年ji, with the class behind it.
    fn grade(&self, at: usize) -> Option<Read> {
        let stages = [CounterRole::StageHigh, CounterRole::StageMiddle];
        let stage = stages.into_iter().find_map(|role| {
            let stage = self.word(at, counter_words(role))?;
            Some(stage.clone().then(self.year_of_stage(stage.end)?))
        });
        let of_nine = || {
            let numeral = self.numerals(at).into_iter().find(|numeral| numeral.chars.len() == 1)?;
            Some(numeral.clone().then(self.word(numeral.end, counter_words(CounterRole::Grade))?))
        };
        let grade = match stage.or_else(|| self.stage_by_initial(at)) {
            Some(stage) => match self.word(stage.end, counter_words(CounterRole::Grade)) {
                Some(counted) => stage.then(counted),
                None => stage,
            },
            None => of_nine()?,
        };
        if let Some(class) = self.counted_class(grade.end, true, || true) {
            return Some(grade.then(class));
        }
        self.ends_syllables(grade.end).then_some(grade)
    }

    /// G3-7, c2(4): the initial of a stage alone, with its year and a class behind it.
    fn stage_by_initial(&self, at: usize) -> Option<Read> {
        let own = *self.chars.get(at)?;
        if !self.begins_run(at)
            || at.checked_sub(1).is_some_and(|before| self.chars[before].c.is_ascii_digit())
        {
            return None;
        }
        let stages = [CounterRole::StageHigh, CounterRole::StageMiddle];
        let mut words =
            stages.iter().flat_map(|&role| counter_words(role)).filter_map(|word| match word[..] {
                [c] => Some(c),
                _ => None,
            });
        let c = words.find(|&c| sounds::usual_reading(c).starts_with(own.c))?;
        let stage = Read { end: at + 1, chars: vec![stand_in(c, own, own)], in_letters: true };
        let year = self.year_of_stage(at + 1).filter(|year| !year.in_letters)?;
        let class =
            self.digits(year.end).filter(|class| class.chars.len() <= 2 && class.chars[0].after_gap)?;
        self.ends_run(class.end).then(|| stage.then(year))
    }

    /// The year of a stage: one to three.
    fn year_of_stage(&self, at: usize) -> Option<Read> {
        let years = (1..=3).filter_map(small_numeral);
        if let Some(digit) = self.chars.get(at).filter(|placed| matches!(placed.c, '1'..='3')) {
            // More digits belong to the class, if that is said: gao13ban.
            let goes_on =
                self.chars.get(at + 1).is_some_and(|next| next.c.is_ascii_digit() && !next.after_gap);
            return (!goes_on).then(|| Read { end: at + 1, chars: vec![*digit], in_letters: false });
        }
        years.filter_map(|numeral| self.piece(at, numeral)).next()
    }

    /// 3ban, 三ban, er班.
    fn class(&self, at: usize, out: &[PlacedChar]) -> Option<Read> {
        let digit = |placed: Option<&PlacedChar>| placed.is_some_and(|placed| placed.c.is_ascii_digit());
        if digit(self.chars.get(at)) && digit(out.last()) && !self.chars[at].after_gap {
            return None;
        }
        let is_after_class = ends_with_year_or_grade(out);
        let class = self.counted_class(at, is_after_class, || says_year_or_grade(out))?;
        let begins_in_letters = self.chars[at].c.is_ascii_lowercase();
        // yi ban, er ban may be other words.
        (!begins_in_letters || is_after_class || self.begins_run(at)).then_some(class)
    }

    /// A number and 班; b alone only where a year or a grade was said, none of both only right behind that.
    fn counted_class(
        &self,
        at: usize,
        is_after_grade: bool,
        is_class_likely: impl Fn() -> bool,
    ) -> Option<Read> {
        let numbers = self.digits(at).into_iter().chain(self.numerals(at));
        let counted = numbers.clone().find_map(|number| {
            let word = self.word(number.end, counter_words(CounterRole::Class)).or_else(|| {
                self.initial(number.end, counter_words(CounterRole::Class)).filter(|_| is_class_likely())
            })?;
            self.ends_syllables(word.end).then(|| number.with_counter(word))
        });
        counted.or_else(|| {
            let bare = numbers.into_iter().find(|number| number.in_letters && self.ends_run(number.end))?;
            let class = counter_words(CounterRole::Class).first()?.first()?;
            let word = self.left_out(bare.end, *class);
            is_after_grade.then(|| bare.then(word))
        })
    }

    /// A character that was left out.
    fn left_out(&self, at: usize, c: char) -> Read {
        let last = self.chars[at - 1];
        let stand_in = PlacedChar { after_gap: false, ..stand_in(c, last, last) };
        Read { end: at, chars: vec![stand_in], in_letters: true }
    }

    /// 24ji, 2024ji, 24j1班, and 24 before a major in letters: 25yssl4班.
    fn year(&self, at: usize) -> Option<Read> {
        let before = at.checked_sub(1).map(|before| self.chars[before]);
        if before.is_some_and(|before| {
            !self.chars[at].after_gap && (before.c.is_ascii_alphanumeric() || before.c == '第')
        }) {
            return None;
        }
        let digits = self.digits(at)?;
        let value: u32 = digits.chars.iter().map(|placed| placed.c).collect::<String>().parse().ok()?;
        let is_year = match digits.chars.len() {
            2 => (10..=39).contains(&value),
            4 => (1990..=2039).contains(&value),
            _ => false,
        };
        if !is_year || !self.chars.get(digits.end)?.c.is_ascii_lowercase() {
            return None;
        }
        let years = counter_words(CounterRole::Year);
        let word = self.word(digits.end, years).or_else(|| self.initial(digits.end, years));
        if let Some(word) = word.filter(|word| self.ends_run(word.end)) {
            return Some(digits.then(word));
        }
        if digits.chars.len() == 2 && self.class_follows(digits.end) {
            let level = self.left_out(digits.end, *years.first()?.first()?);
            return Some(digits.then(level));
        }
        None
    }

    /// di15, di十五: the letters before digits and hanzi; a number in letters as well is read by the lattice.
    fn ordinal(&self, at: usize) -> Option<Read> {
        let ordinal = self.piece(at, '第')?;
        let next = self.chars.get(ordinal.end)?;
        let is_number = next.c.is_ascii_digit() || is_numeral(next.c);
        is_number.then_some(ordinal)
    }

    /// Whether a class is said later on.
    fn class_follows(&self, from: usize) -> bool {
        (from..self.chars.len()).any(|at| {
            begins_counter(&self.chars[at..], &[CounterRole::Class])
                || (self.chars[at - 1].c.is_ascii_digit()
                    && self.word(at, counter_words(CounterRole::Class)).is_some())
        }) || self.chars.last().is_some_and(|last| last.c.is_ascii_digit())
    }

    /// A word in hanzi, in pinyin, or in both.
    fn word(&self, at: usize, words: &[Vec<char>]) -> Option<Read> {
        words.iter().find_map(|word| {
            word.iter().try_fold(Read::at(at), |read, &c| {
                let next = self.piece(read.end, c)?;
                Some(read.then(next))
            })
        })
    }

    /// A word of one character by its initial, where no other letter stands beside it.
    fn initial(&self, at: usize, words: &[Vec<char>]) -> Option<Read> {
        let own = *self.chars.get(at)?;
        let is_alone =
            self.ends_run(at + 1) && !self.chars.get(at + 1).is_some_and(|next| next.c.is_ascii_lowercase());
        let mut single = words.iter().filter_map(|word| match word[..] {
            [c] => Some(c),
            _ => None,
        });
        let c = single.find(|&c| sounds::usual_reading(c).starts_with(own.c))?;
        (is_alone && own.c.is_ascii_lowercase()).then(|| Read {
            end: at + 1,
            chars: vec![stand_in(c, own, own)],
            in_letters: true,
        })
    }

    /// A character as it is or as its usual reading, without gaps in it.
    fn piece(&self, at: usize, c: char) -> Option<Read> {
        let own = *self.chars.get(at)?;
        if own.c == c {
            return Some(Read { end: at + 1, chars: vec![own], in_letters: false });
        }
        let reading = sounds::usual_reading(c);
        let letters = self.chars.get(at..at + reading.len()).filter(|letters| !letters.is_empty())?;
        let is_read = letters.iter().map(|placed| placed.c).eq(reading.chars())
            && !letters[1..].iter().any(|letter| letter.after_gap);
        is_read.then(|| Read {
            end: at + reading.len(),
            chars: vec![stand_in(c, own, letters[letters.len() - 1])],
            in_letters: true,
        })
    }

    /// A run of digits.
    fn digits(&self, at: usize) -> Option<Read> {
        let run = self.chars[at.min(self.chars.len())..].iter().enumerate();
        let run =
            run.take_while(|(place, placed)| placed.c.is_ascii_digit() && (*place == 0 || !placed.after_gap));
        let chars: Vec<PlacedChar> = run.map(|(_, placed)| *placed).collect();
        (!chars.is_empty()).then(|| Read { end: at + chars.len(), chars, in_letters: false })
    }

    /// Numerals that begin here, the longest first.
    fn numerals(&self, at: usize) -> Vec<Read> {
        let numeral = |at: usize| (1..=10).filter_map(small_numeral).find_map(|c| self.piece(at, c));
        let mut found: Vec<Read> = Vec::new();
        let mut open = Read::at(at);
        while found.len() < LONGEST_NUMERAL {
            let Some(next) = numeral(open.end) else { break };
            open = open.then(next);
            found.push(open.clone());
        }
        found.reverse();
        found
    }

    /// Whether a syllable may begin here: the letters before are syllables, or initials.
    fn is_boundary(&self, at: usize) -> bool {
        if !self.chars[at].c.is_ascii_lowercase() {
            return true;
        }
        let before = self.letters_before(at);
        let is_vowel = |letter: char| matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u');
        sounds::are_syllables(&before) || !before.contains(is_vowel)
    }

    fn letters_before(&self, at: usize) -> String {
        let mut start = at;
        while start > 0 && !self.chars[start].after_gap && self.chars[start - 1].c.is_ascii_lowercase() {
            start -= 1;
        }
        self.chars[start..at].iter().map(|placed| placed.c).collect()
    }

    fn begins_run(&self, at: usize) -> bool {
        self.letters_before(at).is_empty()
    }

    /// Whether no letter goes on here.
    fn ends_run(&self, at: usize) -> bool {
        self.chars.get(at).is_none_or(|next| next.after_gap || !next.c.is_ascii_lowercase())
    }

    /// Whether what goes on here is no letter, or the form word in letters: gaoer3ban tuanzhibu.
    fn ends_syllables(&self, at: usize) -> bool {
        let rest: String = self.chars[at..].iter().map(|placed| placed.c).collect();
        self.ends_run(at) || forms::respelled_form(&rest).is_some_and(|(len, _)| len == rest.len())
    }
}

/// Whether a year or a grade was said.
fn says_year_or_grade(out: &[PlacedChar]) -> bool {
    (1..=out.len()).any(|end| ends_with_year_or_grade(&out[..end]))
}

/// Whether a year or a grade ends here: 24级, 年级, 高二.
fn ends_with_year_or_grade(out: &[PlacedChar]) -> bool {
    let Some(last) = out.last() else { return false };
    let ends = |out: &[PlacedChar], roles: &[CounterRole]| {
        roles.iter().flat_map(|&role| counter_words(role)).any(|word| {
            let start = out.len().checked_sub(word.len());
            start.is_some_and(|start| word.iter().copied().eq(out[start..].iter().map(|placed| placed.c)))
        })
    };
    let is_year =
        (1..=3).filter_map(small_numeral).any(|numeral| numeral == last.c) || matches!(last.c, '1'..='3');
    ends(out, &[CounterRole::Year, CounterRole::Grade])
        || (is_year && ends(&out[..out.len() - 1], &[CounterRole::StageHigh, CounterRole::StageMiddle]))
}

#[cfg(test)]
mod tests {
    use super::super::tests::respelled;

    #[test]
    fn classes_are_read_from_pinyin() {
        let rows = [
            ("广西baise中学高er15", "广西baise中学高二15班"),
            ("百色中学gaoer15ban", "百色中学高二15班"),
            ("石景山gaoer3ban", "石景山高二3班"),
            ("gao er 3 ban", "高二3班"),
            ("gaoersanban", "高二三班"),
            ("gaoershisanban", "高二十三班"),
            ("高二sanban", "高二三班"),
            ("beijinggaoer3ban", "beijing高二3班"),
            ("初中chusan4", "初中初三4班"),
            ("chu3 2ban", "初32班"),
            ("qinianji3ban", "七年级3班"),
            ("gaoyinianji8ban", "高一年级8班"),
            ("23ji2班", "23级2班"),
            ("sanhe校区2024ji11班", "sanhe校区2024级11班"),
            ("24j1b", "24级1班"),
            ("23级putaoya语2b", "23级putaoya语2班"),
            ("xuexiao G3-7", "xuexiao高37班"),
            ("hengshui zhongxue gaoer 16ban", "hengshuizhongxue高二16班"),
            ("23 dianxin gongcheng 3班", "23级dianxingongcheng3班"),
            ("大lian55zhong高er5ban", "大lian55zhong高二5班"),
            ("2026 nongye 3 ban", "2026nongye3班"),
            ("24级3b", "24级3班"),
            ("25yssl4班", "25级yssl4班"),
            ("25ruangong1ban", "25级ruangong1班"),
            ("2024jisuanji1ban", "2024jisuanji1班"),
            ("软工er班", "软工二班"),
            ("gaoer3bantuanzhibu", "高二3班tuanzhibu"),
            ("di15zhongxue", "第15zhongxue"),
            ("di十五", "第十五"),
            // Other words.
            ("gaoerfu", "gaoerfu"),
            ("yinger班", "yinger班"),
            ("3bangongshi", "3bangongshi"),
            ("beijing", "beijing"),
            ("ji", "ji"),
            ("北京ban", "北京ban"),
            ("24jinrong", "24jinrong"),
            ("b24ji", "b24ji"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }
}
