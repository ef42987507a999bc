"""rapidfuzz and tantivy: for each record the first hit, its score and that of the next."""

import math

import numpy
import tantivy
from rapidfuzz import process

from decide import First, first_of

# Enough to see past the spellings of one organization.
TOP = 5
# Records a turn; a turn holds this many scores of each entry in memory.
TURN = 20


def by_code(records, entries):
    """Records whose code is the id of an organization: nobody would look further."""
    ids = {entry.id for entry in entries}
    return {at: First(record.code, float("inf")) for at, record in enumerate(records) if record.code in ids}


class Rapidfuzz:
    """One scorer over texts of all entries."""

    def __init__(self, scorer, text):
        self.name = f"rapidfuzz, {scorer.__name__} over {text.__doc__}"
        self.scorer = scorer
        self.text = text

    def index(self, entries):
        self.ids = [entry.id for entry in entries]
        self.choices = [self.text(entry) for entry in entries]

    def search(self, records):
        texts = [self.text(record) for record in records]
        for start in range(0, len(texts), TURN):
            found = process.cdist(
                texts[start : start + TURN], self.choices, scorer=self.scorer, dtype=numpy.float32, workers=1
            )
            for row in found:
                best = numpy.argpartition(-row, TOP)[:TOP]
                # Equal scores in the order of the tree, so that a run can be repeated.
                best = sorted(best, key=lambda at: (-row[at], at))
                yield first_of([(self.ids[at], float(row[at])) for at in best])


def path_text(row):
    """path and name"""
    return row.path_text


def joined_path(row):
    """path and name, without spaces"""
    return row.path_text.replace(" ", "")


class Tantivy:
    """One text field of characters and character pairs, a disjunction of term queries: baseline B of these benches."""

    def __init__(self, name, text, is_share):
        self.name = name
        self.text = text
        self.is_share = is_share

    def index(self, entries):
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="cut", index_option="freq")
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        self.schema = builder.build()
        index = tantivy.Index(self.schema)
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("cut", analyzer)
        writer = index.writer(num_threads=1)
        for entry in entries:
            writer.add_document(tantivy.Document(text=" ".join(tokens(self.text(entry))), id=entry.id))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self.searcher = index.searcher()
        self.rarities = {}

    def search(self, records):
        for record in records:
            terms = tokens(self.text(record))
            clauses = [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "text", term)) for term in terms]
            hits = self.searcher.search(tantivy.Query.boolean_query(clauses), TOP, count=False).hits
            most = sum(map(self.rarity, terms)) if self.is_share else 1.0
            yield first_of([(self.searcher.doc(at)["id"][0], score / (most or 1.0)) for score, at in hits])

    def rarity(self, term):
        """The weight of a term by BM25: what it scores, once, in an entry of average length."""
        if term not in self.rarities:
            frequency = self.searcher.doc_freq("text", term)
            self.rarities[term] = math.log(1 + (self.searcher.num_docs - frequency + 0.5) / (frequency + 0.5))
        return self.rarities[term]


def raw_text(row):
    """names as they are"""
    return row.raw


def tokens(text):
    """Characters and pairs of neighbours, of each word."""
    words = text.split()
    pairs = [word[at : at + 2] for word in words for at in range(len(word) - 1)]
    return [*"".join(words), *pairs]
