"""Turns the first hits of a tool into decisions, with thresholds fitted on training rows, and scores them.

As `orgsearch evaluate --resolve` counts: precision is the share of right ones among the matches, recall the share of
records that name an organization which are matched with it. A match of a record that names none, or that nobody can
decide, is a wrong one.
"""

from dataclasses import dataclass

# What thresholds are fitted for.
PRECISIONS = (0.99, 0.95)
# Fewer matches than this say nothing about a precision of 0.99.
LEAST_MATCHES = 50


@dataclass(frozen=True)
class First:
    """The first hit of a record: its organization, its score, and the score of the next other organization."""

    id: str | None
    score: float = 0.0
    next: float = 0.0

    @property
    def lead(self):
        return self.score - self.next


@dataclass(frozen=True)
class Thresholds:
    """A first hit is a match if its score and its lead are at least these."""

    score: float
    lead: float
    precision: float
    recall: float
    is_precise: bool

    def matches(self, first):
        return first.id is not None and first.score >= self.score and first.lead >= self.lead


def first_of(ranked):
    """The first hit of (id, score) pairs, best first; several spellings of one organization are one."""
    if not ranked:
        return First(None)
    id, score = ranked[0]
    return First(id, score, next((other for other_id, other in ranked if other_id != id), 0.0))


def fit(firsts, records, wanted):
    """The thresholds of the highest recall at the wanted precision; where none reach it, those of the best F0.5."""
    named = sum(record.names_one for record in records)
    rows = [(first, first.id in record.right) for first, record in zip(firsts, records) if first.id is not None]
    rows.sort(key=lambda row: -row[0].score)
    leads = sorted(first.lead for first, _ in rows)
    steps = sorted({0.0, *(leads[len(leads) * part // 50] for part in range(50))})
    return max((best_cut(rows, lead, named, wanted) for lead in steps if lead >= 0.0), key=rank)


def rank(thresholds):
    if thresholds.is_precise:
        return (1, thresholds.recall)
    weighted = 0.25 * thresholds.precision + thresholds.recall
    return (0, 1.25 * thresholds.precision * thresholds.recall / weighted if weighted else 0.0)


def best_cut(rows, lead, named, wanted):
    best = Thresholds(float("inf"), lead, 0.0, 0.0, False)
    right = matches = 0
    for at, (first, is_right) in enumerate(rows):
        if first.lead >= lead:
            matches += 1
            right += is_right
        # Between equal scores there is no threshold.
        if matches < LEAST_MATCHES or (at + 1 < len(rows) and rows[at + 1][0].score == first.score):
            continue
        precision, recall = right / matches, right / named
        best = max(best, Thresholds(first.score, lead, precision, recall, precision >= wanted), key=rank)
    return best


def scores(firsts, records, thresholds):
    """Counts on rows that took no part in fitting."""
    matched = [(first, record) for first, record in zip(firsts, records) if thresholds.matches(first)]
    right = sum(first.id in record.right for first, record in matched)
    named = sum(record.names_one for record in records)
    return {
        "precision": right / len(matched) if matched else None,
        "recall": right / named,
        "matches": len(matched),
        "right": right,
        "wrong": len(matched) - right,
        "wrong_on_none": sum(record.is_none for _, record in matched),
        "none": sum(record.is_none for record in records),
        "named": named,
    }


def first_right(firsts, records):
    """How often the first hit is right, of the records that name an organization: what no threshold can exceed."""
    named = [(first, record) for first, record in zip(firsts, records) if record.names_one]
    return sum(first.id in record.right for first, record in named) / len(named)
