//! A small tree for the unit tests of this folder: organizations as people know them, twenty lines that can be read at
//! a glance. Cases that need more belong into `tests/golden/search`.

use super::candidates::Candidates;
use super::plan::{QueryPlan, plan};
use super::request::SearchRequest;
use super::retrieve::{Leg, retrieve};
use super::{Hits, interpret};
use crate::index::snapshot::Snapshot;
use crate::text::normalize::NormalizedText;
use crate::{Engine, SearchError};
use index_data::load::SourceRow;
use index_data::validate::validate_rows;
use std::sync::LazyLock;

/// `(id, parent, name, aliases, former name)`.
const ROWS: [(&str, &str, &str, &str, &str); 21] = [
    ("1", "", "中国共产主义青年团中央委员会", "", ""),
    ("10", "1", "中国共产主义青年团北京市委员会", "北京团市委", ""),
    ("11", "10", "中国共产主义青年团北京大学委员会", "", ""),
    ("12", "11", "中国共产主义青年团北京大学软件与微电子学院委员会", "", ""),
    ("13", "12", "2024级1班团支部", "", ""),
    ("14", "12", "2024级2班团支部", "", ""),
    ("15", "10", "中国共产主义青年团中国人民大学委员会", "", ""),
    ("16", "15", "中国共产主义青年团中国人民大学附属中学委员会", "", ""),
    ("17", "10", "中国共产主义青年团北京市第十五中学委员会", "", "北京市第十五女子中学团委"),
    ("18", "10", "中国共产主义青年团北京市第五中学委员会", "", ""),
    ("19", "17", "高一4班团支部", "", ""),
    ("20", "10", "中国共产主义青年团北京市海淀区委员会", "", ""),
    ("21", "20", "中国共产主义青年团海淀区中关村街道工作委员会", "", ""),
    ("22", "21", "科春社区团支部", "", ""),
    ("30", "1", "中国共产主义青年团东北大学委员会", "东大", ""),
    ("31", "1", "中国共产主义青年团清华大学委员会", "", ""),
    ("32", "31", "团委办公室团支部", "", ""),
    ("33", "30", "团委办公室团支部", "", ""),
    ("40", "1", "中国共产主义青年团贵州省委员会", "", ""),
    ("41", "40", "中国共产主义青年团从江县人民医院委员会", "", ""),
    ("42", "40", "中国共产主义青年团榕江县人民医院委员会", "", ""),
];

fn other_names(name: &str) -> Vec<String> {
    if name.is_empty() { Vec::new() } else { vec![name.to_owned()] }
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let rows = ROWS.map(|(id, parent, name, alias, former)| SourceRow {
        id: id.into(),
        name: name.into(),
        parent_id: parent.into(),
        aliases: other_names(alias),
        former_names: other_names(former),
        // As many as make each of them one that a bare name may mean.
        members: "1000".into(),
        ..SourceRow::default()
    });
    Engine::in_memory(validate_rows(rows).tree.expect("the rows are valid")).expect("it is built")
});

pub(crate) fn search(request: &SearchRequest) -> Hits {
    ENGINE.search(request).expect("it is searched")
}

pub(crate) fn error_of(request: &SearchRequest) -> SearchError {
    ENGINE.search(request).expect_err("it is refused")
}

/// Plans a query on the tree and hands both to `test`.
pub(crate) fn with_plan<T>(request: &SearchRequest, test: impl FnOnce(&QueryPlan<'_>, &Snapshot) -> T) -> T {
    let snapshot = ENGINE.snapshot();
    let interpretation = interpret::interpret(NormalizedText::new(&request.query));
    test(&plan(interpretation, request, &snapshot).expect("it is planned"), &snapshot)
}

/// The ids of the candidates that some legs find, in the order they were found.
pub(crate) fn found_by(legs: &[Leg], query: &str) -> Vec<String> {
    with_plan(&SearchRequest::new(query), |plan, snapshot| {
        let mut candidates = Candidates::default();
        for &leg in legs {
            retrieve(leg, plan, snapshot, &mut candidates).expect("it is retrieved");
        }
        candidates.ordinals().iter().map(|&ordinal| snapshot.records.id(ordinal).to_owned()).collect()
    })
}
