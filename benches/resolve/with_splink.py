"""Splink on DuckDB, one thread: linkage of a table of records to a table of spellings.

The model is trained without answers, by expectation maximisation, on the training rows and their tree.
"""

import logging
from collections import Counter

import duckdb
import pyarrow
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison

from decide import first_of
from prepare import bigrams, class_key

SEED = 1
ORGS, RECORDS = "a_orgs", "b_records"
RANDOM_PAIRS = 1e6
TRAINING_PAIRS = 3e5
# The rarest character pairs of a record that an organization may share with it to be compared.
RARE = 4
# A pair that more spellings than this hold blocks nothing.
MOST_WITH_PAIR = 3000
# A record pairs at random with one of its organizations this often: half of the records have one.
MATCH_AT_RANDOM = 0.5 / 200_000

SCHEMA = pyarrow.schema(
    [
        ("unique_id", pyarrow.int32()),
        ("core", pyarrow.string()),
        ("path", pyarrow.string()),
        ("core_pairs", pyarrow.list_(pyarrow.string())),
        ("pairs", pyarrow.list_(pyarrow.string())),
        ("parent", pyarrow.string()),
        ("parent_pairs", pyarrow.list_(pyarrow.string())),
        ("above", pyarrow.list_(pyarrow.string())),
        ("province", pyarrow.string()),
        ("class_key", pyarrow.string()),
        ("code", pyarrow.string()),
        ("kind", pyarrow.string()),
        ("rare", pyarrow.list_(pyarrow.string())),
    ]
)


def row(at, core, text, parent, above, province, code, kind, rare):
    columns = {"unique_id": at, "core": core or None, "path": text.replace(" ", ""), "core_pairs": bigrams(core)}
    columns |= {"pairs": bigrams(text), "parent": parent or None, "parent_pairs": bigrams(parent)}
    columns |= {"above": above, "province": province or None}
    return columns | {"class_key": class_key(core), "code": code or None, "kind": kind or None, "rare": rare}


def org_rows(entries):
    for at, entry in enumerate(entries):
        above = entry.units_above
        parent = above[-1] if above else ""
        text = entry.path_text
        yield row(at, entry.core, text, parent, above, entry.province, entry.id, entry.kind, bigrams(text))


def record_rows(records, counts):
    for at, record in enumerate(records):
        text = record.path_text
        known = [pair for pair in bigrams(text) if 0 < counts[pair] <= MOST_WITH_PAIR]
        rare = sorted(known, key=lambda pair: counts[pair])[:RARE]
        above = [record.parent] if record.parent else []
        yield row(at, record.core, text, record.parent, above, record.province, record.code, record.kind, rare)


def share(pairs_of, pairs_in):
    """SQL: the share of the pairs of one text that another holds."""
    return f"len(list_intersect({pairs_of}, {pairs_in})) / greatest(len({pairs_of}), 1)"


def graded(column, null, expression, cuts, first=()):
    grades = [levels.CustomLevel(f"{expression} >= {cut}") for cut in cuts]
    null_level = {"sql_condition": null, "label_for_charts": "null", "is_null_level": True}
    return CustomComparison([null_level, *first, *grades, levels.ElseLevel()], output_column_name=column)


def exact(column, null=None):
    null = null or f"{column}_l IS NULL OR {column}_r IS NULL"
    return graded(column, null, "", [], [levels.ExactMatchLevel(column)])


# Random pairs never have it, so that it cannot be estimated from them.
SAME_CODE = levels.ExactMatchLevel("code").configure(u_probability=1 / 200_000, fix_u_probability=True)

# _l is the organization, _r the record: Splink orders tables by their names.
COMPARISONS = [
    graded(
        "core",
        "core_l IS NULL OR core_r IS NULL",
        share("core_pairs_l", "pairs_r"),
        [0.999, 0.8, 0.6, 0.4],
        [
            levels.ExactMatchLevel("core", term_frequency_adjustments=True),
            levels.CustomLevel("levenshtein(core_l, core_r) <= 1 AND length(core_l) >= 4"),
        ],
    ),
    graded("path", "path_r IS NULL", share("core_pairs_r", "pairs_l"), [0.999, 0.9, 0.75, 0.5]),
    graded(
        "parent",
        "parent_r IS NULL",
        share("parent_pairs_r", "pairs_l"),
        [0.999, 0.7, 0.4],
        [levels.CustomLevel("list_contains(above_l, parent_r)")],
    ),
    exact("province"),
    exact("class_key", "class_key_l = '' AND class_key_r = ''"),
    graded("code", "code_l IS NULL OR code_r IS NULL", "", [], [SAME_CODE]),
    exact("kind"),
]

BLOCKING = [block_on("code"), block_on("core"), block_on("class_key", "rare", arrays_to_explode=["rare"])]
# Each trains the comparisons of columns that it does not name, on pairs of which a good part match: EM takes another
# division of the pairs than that into matches and others where matches are few.
TRAINING = [
    block_on("code"),
    CustomRule("l.core = r.core AND l.class_key = r.class_key AND len(l.core_pairs) >= 7"),
    CustomRule("l.parent = r.parent AND l.class_key = r.class_key AND l.class_key <> ''"),
]


class Splink:
    """A model trained once, applied to any records and tree."""

    def __init__(self, with_answers):
        self.with_answers = with_answers
        self.name = "Splink, m from the answers" if with_answers else "Splink, m by EM"

    def train(self, entries, records):
        self.index(entries)
        linker = connect(self.orgs, table(record_rows(records, self.counts)), self.settings())
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
        if self.with_answers:
            self.train_with_answers(linker, records)
        else:
            for rule in TRAINING:
                linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=TRAINING_PAIRS)
        self.model = linker.misc.save_model_to_json()

    def train_with_answers(self, linker, records):
        spelling = {entry.id: at for at, entry in reversed(list(enumerate(self.entries)))}
        pairs = [
            {"source_dataset_l": ORGS, "unique_id_l": spelling[id], "source_dataset_r": RECORDS, "unique_id_r": at}
            for at, record in enumerate(records)
            for id in record.right
            if id in spelling
        ]
        labels = linker._db_api.register(pyarrow.Table.from_pylist(pairs), dataset_display_name="labels")
        linker.training.estimate_m_from_pairwise_labels(labels)

    def settings(self):
        return SettingsCreator(
            link_type="link_only",
            comparisons=COMPARISONS,
            blocking_rules_to_generate_predictions=BLOCKING,
            probability_two_random_records_match=MATCH_AT_RANDOM,
            retain_matching_columns=False,
        )

    def index(self, entries):
        """Splink keeps no index: only what belongs to the tree alone is made here."""
        self.entries = entries
        self.orgs = table(org_rows(entries))
        self.counts = pair_counts(entries)

    def search(self, records):
        linker = connect(self.orgs, table(record_rows(records, self.counts)), self.model)
        predictions = linker.inference.predict()
        ranked = {}
        for org, record, weight in best_of(linker, predictions):
            ranked.setdefault(record, []).append((self.entries[org].id, weight))
        return [first_of(ranked.get(at, [])) for at in range(len(records))]


def best_of(linker, predictions, most=5):
    """(spelling, record, match weight) of the best pairs of each record, best first, ties in the order of the tree."""
    found = linker.misc.query_sql(
        f"""SELECT unique_id_l, unique_id_r, match_weight FROM {predictions.physical_name}
        QUALIFY row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) <= {most}
        ORDER BY unique_id_r, match_weight DESC, unique_id_l""",
        output_type="splink_df",
    )
    for pair in found.as_record_list():
        yield pair["unique_id_l"], pair["unique_id_r"], pair["match_weight"]


def pair_counts(entries):
    return Counter(pair for entry in entries for pair in bigrams(entry.path_text))


def table(rows):
    return pyarrow.Table.from_pylist(list(rows), schema=SCHEMA)


def connect(orgs, records, settings):
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    api = DuckDBAPI(connection)
    tables = [(orgs, ORGS), (records, RECORDS)]
    registered = [api.register(rows, dataset_display_name=name) for rows, name in tables]
    return Linker(registered, settings, log_level=logging.WARNING)
