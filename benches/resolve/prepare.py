"""Reads trees and records, and prepares their texts for tools that know nothing of these names.

All tools but orgsearch get what is made here. The word lists are those of orgsearch.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

LEXICONS = Path(__file__).resolve().parents[2] / "index-data" / "lexicons"

NUMERALS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
COUNTED = r"(?=年级|级|届|班|中|小|幼)"


@dataclass
class Entry:
    """One spelling of an organization: its name, a former name or an alias."""

    id: str
    raw: str
    core: str
    units_above: list
    province: str
    kind: str

    @property
    def path_text(self):
        return without_repetition([*self.units_above, self.core])


@dataclass
class Record:
    """A record, and what is right for it."""

    raw: str
    core: str
    parent: str
    region: str
    code: str
    former: str
    province: str
    kind: str
    right: frozenset
    names_one: bool
    is_none: bool
    family: str

    @property
    def path_text(self):
        return without_repetition([self.region, self.parent, self.core])


def without_repetition(units):
    """Unit after unit, each without what is said already: 湖北省 荆门市 四井村, not 湖北省 湖北省荆门市 …"""
    said, parts = "", []
    for unit in units:
        rest = unit
        for end in range(len(unit), 1, -1):
            if unit[:end] in said:
                rest = unit[end:]
                break
        parts.append(rest)
        said += rest
    return " ".join(filter(None, parts))


def read_lexicon(name):
    with open(LEXICONS / name, encoding="utf-8", newline="") as lines:
        rows = (line.rstrip("\n") for line in lines if not line.startswith("#"))
        header = next(rows).split("\t")
        return [dict(zip(header, row.split("\t"))) for row in rows if row]


def words(rows, *roles):
    return sorted((row["text"] for row in rows if row["role"] in roles), key=len, reverse=True)


def either(texts):
    return "|".join(map(re.escape, texts))


@dataclass
class Preparer:
    """Normalizes names as somebody would who has looked at them for a day."""

    simplified: dict = field(default_factory=dict)

    def __post_init__(self):
        # Characters that are left out altogether are punctuation, which tells parts and labels apart until `squeeze`.
        self.simplified = {ord(row["from"]): row["to"] for row in read_lexicon("characters.tsv") if row.get("to")}
        forms = read_lexicon("forms.tsv")
        self.prefixes = words(forms, "prefix")
        self.forms = words(forms, "form")
        self.short_forms = words(forms, "form", "form_after_prefix")
        noise = read_lexicon("noise.tsv")
        self.label = re.compile(f"(?:{either(words(noise, 'label', 'request'))}) *:")
        self.trailer = re.compile(f"[(]?(?:{either(words(noise, 'trailer'))})[)]?$")

    def fold(self, text):
        """NFKC, lower case, simplified characters."""
        return unicodedata.normalize("NFKC", text).lower().translate(self.simplified)

    def typed_core(self, name):
        """As `core`, of a text that somebody typed: labels and remarks around it go as well."""
        return self.core(self.without_noise(self.fold(name).strip()))

    def core(self, name):
        """The name without league words, punctuation and spaces; numbers in one way."""
        text = class_numbers(self.fold(name))
        parts = (self.without_form(squeeze(part)) for part in re.split(r"[>_,;、|/]| {2,}", text))
        return numbers("".join(parts))

    def without_noise(self, text):
        text = self.label.sub("", text, count=1) if self.label.match(text) else text
        text = text.rstrip(" 。.!?;,")
        return self.trailer.sub("", text) or text

    def without_form(self, text):
        rest = text
        for prefix in self.prefixes:
            rest = rest.replace(prefix, "")
        forms = self.forms if rest == text else self.short_forms
        if rest.startswith("团") and not rest.startswith(("团结", "团山", "团风")):
            forms, rest = self.short_forms, rest[1:]
        for form in forms:
            if rest.endswith(form):
                return rest.removesuffix(form) or text
        return rest

    def region(self, text):
        return squeeze(self.fold(text))


def squeeze(text):
    return "".join(character for character in text if character.isalnum())


def class_numbers(text):
    """高二(3)班 as 高二年级3班, 2025-1班 as 2025级1班: without the signs the numbers would run together."""
    text = re.sub(r"(20\d\d)-(\d+)(?=班)", r"\1级\2", text)
    text = re.sub(r"([高初][一二三1-3])(?:年级|级)?(?=\W*[\d一二三四五六七八九十])", r"\1年级", text)
    return re.sub(r"(?<![高初十\d])([一二三四五六七八九])\W?[(\[〔](.{1,3})[)\]〕]\W?班", r"\1年级\2班", text)


def numbers(text):
    """Numerals before what they count as digits, four digits for years, no leading zeros: 24级一班 as 2024级1班."""
    text = re.sub(rf"第?([零〇一二三四五六七八九十百两]+){COUNTED}", lambda found: digits(found[1]), text)
    text = re.sub(r"(?<=[高初])([一二三])", lambda found: digits(found[1]), text)
    text = re.sub(rf"第(?=\d+{COUNTED})", "", text)
    text = re.sub(r"(?<!\d)(2\d)(\d{1,2})(?:班|$)", r"20\1级\2班", text)
    text = re.sub(r"初([123])年级", lambda found: f"{int(found[1]) + 6}年级", text)
    text = re.sub(r"(?<!\d)(\d\d)级", r"20\1级", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def digits(numeral):
    if "百" in numeral or not {"十"} & set(numeral):
        values = [str(NUMERALS[character]) for character in numeral if character in NUMERALS]
        return "".join(values) or numeral
    tens, _, ones = numeral.partition("十")
    return str(NUMERALS.get(tens, 1) * 10 + NUMERALS.get(ones, 0))


def class_key(core):
    """Which class the text names, and nothing for what is no class: 2024级1班."""
    return "".join(re.findall(r"[高初]\d|\d+年级|\d+级|\d+班", core))


def bigrams(text):
    """Pairs of neighbouring characters of each word, in order, each once."""
    return list(dict.fromkeys(word[at : at + 2] for word in text.split() for at in range(max(1, len(word) - 1))))


KINDS = {"committee": "团委", "work_committee": "团工委", "general_branch": "团总支", "branch": "团支部"}


def read_tree(path, preparer):
    """The entries of all organizations."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = {row["组织ID"]: row for row in csv.DictReader(file)}
    above, provinces = {}, {}
    entries = []
    for row in rows.values():
        units, province = line_above(row, rows, preparer, above, provinces)
        spellings = [row["组织全称"], *re.split(r"[|;；]", row["曾用名"]), *re.split(r"[|;；]", row["简称"])]
        for spelling in filter(None, spellings):
            core = preparer.core(spelling)
            entries.append(Entry(row["组织ID"], spelling, core, units, province, row["组织类别"]))
    return entries


def line_above(row, rows, preparer, above, provinces):
    """The prepared names of what stands above the row, topmost first without the root, and its province."""
    parent = rows.get(row["上级组织ID"])
    if parent is None:
        return [], ""
    id = parent["组织ID"]
    if id not in above:
        units, province = line_above(parent, rows, preparer, above, provinces)
        is_root = not parent["上级组织ID"]
        above[id] = units if is_root else [*units, preparer.core(parent["组织全称"])]
        provinces[id] = preparer.region(parent["省份"])[:2] or province
    return above[id], preparer.region(row["省份"])[:2] or provinces[id]


def read_records(path, preparer):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [read_record(row, preparer) for row in rows]


def read_record(row, preparer):
    names_one = row["expected"] not in ("none", "ambiguous")
    region = preparer.region(row["region"])
    return Record(
        raw=row["name"],
        core=preparer.typed_core(row["name"]),
        parent=preparer.typed_core(row["parent"]),
        region=region,
        code=row["code"].strip(),
        former=preparer.typed_core(row["former_name"]),
        # The first two characters tell all provinces apart.
        province=region[:2],
        kind=KINDS.get(row["kind"], row["kind"]),
        right=frozenset(row["expected"].split(",")) if names_one else frozenset(),
        names_one=names_one,
        is_none=row["expected"] == "none",
        family=row["family"],
    )
