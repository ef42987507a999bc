#!/usr/bin/env python3
"""Makes the other text samples from orgs.csv."""
import csv, gzip, io, pathlib

here = pathlib.Path(__file__).parent
text = (here / "orgs.csv").read_text("utf-8")
rows = list(csv.reader(io.StringIO(text, newline="")))
english = "id name parent_id kind system region members status aliases former_names successor_id 备注".split()

def tabs(header):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t", lineterminator="\r\n").writerows([header, *rows[1:]])
    return out.getvalue()

(here / "orgs-bom.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
(here / "orgs-gb18030.csv").write_bytes(text.encode("gb18030"))
(here / "orgs-utf16.txt").write_bytes(b"\xff\xfe" + tabs(rows[0]).encode("utf-16-le"))
(here / "orgs.tsv").write_bytes(tabs(english).encode())
(here / "orgs.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
