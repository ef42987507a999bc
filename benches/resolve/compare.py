#!/usr/bin/env python3
"""Compares `orgsearch resolve` with Splink, rapidfuzz and bare tantivy on the same records: see README.md."""

import argparse
import json
import logging
import resource
import subprocess
import time
import warnings
from importlib.metadata import version
from pathlib import Path

from rapidfuzz import fuzz

import tools
from decide import PRECISIONS, first_right, fit, scores
from prepare import Preparer, read_records, read_tree
from with_splink import Splink

# The share of records of both files that name nothing: thresholds of the others are fitted on it as well.
EXPECTED_NONE = "0.5"


def main():
    arguments = parse()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    preparer = Preparer()
    train = read_tree(arguments.train_tree, preparer), read_records(arguments.train_records, preparer)
    if arguments.scorers:
        return compare_scorers(*train, arguments.scorers)
    started = time.process_time()
    entries = read_tree(arguments.tree, preparer)
    tree_seconds = time.process_time() - started
    records, prepare_seconds = timed(lambda: read_records(arguments.records, preparer))
    data = train, (entries, records), prepare_seconds
    rows = [orgsearch(arguments, records, precision) for precision in PRECISIONS] if arguments.orgsearch else []
    for tool in chosen(arguments.only):
        rows += compare(tool, *data)
    answer = {"tools": rows, "versions": versions(), "tree_preparation_s": round(tree_seconds, 1)}
    arguments.to.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(markdown(rows))


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tree", "records", "train-tree", "train-records"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--orgsearch", type=Path, help="the binary; without it orgsearch is left out")
    parser.add_argument("--data", type=Path, help="its data directory, with the tree already indexed")
    parser.add_argument("--only", default="", help="only tools whose name holds this")
    parser.add_argument("--scorers", type=int, help="only compares scorers of rapidfuzz, on this many training rows")
    parser.add_argument("--to", type=Path, default=Path("compare.json"), help="all figures, as JSON")
    return parser.parse_args()


def chosen(only):
    all_tools = [
        Splink(with_answers=False),
        Splink(with_answers=True),
        tools.Rapidfuzz(fuzz.ratio, tools.joined_path),
        tools.Tantivy("tantivy, names as they are", tools.raw_text, is_share=False),
        tools.Tantivy("tantivy, prepared path and name", tools.path_text, is_share=False),
        tools.Tantivy("tantivy, the same, share of the greatest score", tools.path_text, is_share=True),
    ]
    return [tool for tool in all_tools if only in tool.name]


def timed(call):
    """The answer, and the processor time of this process: a shared machine makes clocks useless."""
    started = time.process_time()
    answer = call()
    return answer, time.process_time() - started


def compare(tool, train, judge, prepare_seconds):
    """Fits on training rows and their tree, measures on the others; a row for each precision."""
    train_entries, train_records = train
    entries, records = judge
    _, train_seconds = timed(lambda: tool.train(*train) if hasattr(tool, "train") else tool.index(train_entries))
    train_firsts = search(tool, train_entries, train_records)
    _, index_seconds = timed(lambda: tool.index(entries))
    firsts, seconds = timed(lambda: search(tool, entries, records))
    common = {"tool": tool.name, "rows_per_s": len(records) / (seconds + prepare_seconds)}
    common |= {"first_right": first_right(firsts, records), "index_s": index_seconds, "train_s": train_seconds}
    for precision in PRECISIONS:
        thresholds = fit(train_firsts, train_records, precision)
        row = common | {"wanted": precision} | scores(firsts, records, thresholds)
        print(json.dumps(row | {"thresholds": vars(thresholds)}), flush=True)
        yield row | {"thresholds": vars(thresholds), "families": by_family(firsts, records, thresholds)}


def compare_scorers(entries, records, count):
    """Which scorer finds most organizations: the others take hours for all rows."""
    named = [record for record in records if record.names_one][:count]
    for scorer in (fuzz.ratio, fuzz.token_sort_ratio, fuzz.token_set_ratio, fuzz.WRatio):
        tool = tools.Rapidfuzz(scorer, tools.joined_path if scorer is fuzz.ratio else tools.path_text)
        tool.index(entries)
        firsts, seconds = timed(lambda: list(tool.search(named)))
        print(f"{tool.name}: first hit right {first_right(firsts, named):.3f}, {len(named) / seconds:.1f} rows/s")


def search(tool, entries, records):
    known = tools.by_code(records, entries)
    return [known.get(at, first) for at, first in enumerate(tool.search(records))]


def by_family(firsts, records, thresholds):
    families = {}
    for first, record in zip(firsts, records):
        tally = families.setdefault(record.family, {"n": 0, "right": 0, "wrong": 0})
        tally["n"] += 1
        if thresholds.matches(first):
            tally["right" if first.id in record.right else "wrong"] += 1
    return families


def orgsearch(arguments, records, precision):
    """What the program says of itself, and the processor time that it took, opening its index included."""
    command = [arguments.orgsearch.resolve(), "evaluate", "--data", arguments.data, "--resolve", arguments.records]
    command += ["--json", "--precision", str(precision), "--expected-none", EXPECTED_NONE]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer = json.loads(answer)
    of_none = {record.family for record in records if record.is_none}
    wrong_on_none = sum(family["wrong"] for family in answer["families"] if family["family"] in of_none)
    overall = answer["overall"]
    row = {"tool": "orgsearch", "wanted": precision, "rows_per_s": len(records) / seconds}
    row["matches"] = overall["right"] + overall["wrong"]
    row |= {key: overall[key] for key in ("precision", "recall", "right", "wrong", "named")}
    row |= {"wrong_on_none": wrong_on_none, "none": sum(record.is_none for record in records)}
    print(json.dumps(row), flush=True)
    return row | {"families": answer["families"]}


def versions():
    return {name: version(name) for name in ("splink", "duckdb", "rapidfuzz", "tantivy", "numpy")}


def markdown(rows):
    head = ["tool", "fitted for", "precision", "recall", "right", "wrong", "wrong on none", "first hit right", "rows/s"]
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join(["---"] * len(head)) + " |"]
    for row in rows:
        first = f"{row['first_right']:.3f}" if "first_right" in row else ""
        cells = [row["tool"], row["wanted"], three(row["precision"]), three(row["recall"]), row["right"], row["wrong"]]
        cells += [row["wrong_on_none"], first, f"{row['rows_per_s']:.0f}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def three(share):
    return "none" if share is None else f"{share:.3f}"


if __name__ == "__main__":
    main()
