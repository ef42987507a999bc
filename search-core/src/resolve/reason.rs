//! Why a record was decided as it was, for people and for programs.

use std::fmt;

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonField {
    /// The id.
    Code,
    /// The name, as far as nothing below says it better.
    Name,
    /// A former name.
    FormerName,
    /// The year of a class.
    Year,
    /// The grade of a class.
    Grade,
    /// The number of a class.
    Class,
    /// A number in a name: 第十五中学.
    Number,
    /// The stage of a school, or the type of an organization: 小学, 中学, 医院.
    Type,
    /// The line of business of a company.
    Trade,
    /// Where it is.
    Region,
    /// The organization above it.
    Parent,
    /// The kind: committee or branch.
    Kind,
    /// Another column.
    Evidence,
    /// Other organizations that the record names just as well.
    Twins,
    /// The institution that the record does not name, though many have such a class.
    Institution,
    /// Classes that are there, where the one that the record names is not.
    NearestClasses,
    /// Where the members of a closed or merged organization went.
    Successor,
    /// The record itself: it says nothing.
    Record,
}

impl ReasonField {
    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            ReasonField::Code => "code",
            ReasonField::Name => "name",
            ReasonField::FormerName => "former_name",
            ReasonField::Year => "year",
            ReasonField::Grade => "grade",
            ReasonField::Class => "class",
            ReasonField::Number => "number",
            ReasonField::Type => "type",
            ReasonField::Trade => "trade",
            ReasonField::Region => "region",
            ReasonField::Parent => "parent",
            ReasonField::Kind => "kind",
            ReasonField::Evidence => "evidence",
            ReasonField::Twins => "twins",
            ReasonField::Institution => "institution",
            ReasonField::NearestClasses => "nearest_classes",
            ReasonField::Successor => "successor",
            ReasonField::Record => "record",
        }
    }

    /// Its name for people, in Chinese and in English.
    fn labels(self) -> (&'static str, &'static str) {
        match self {
            ReasonField::Code => ("组织编码", "code"),
            ReasonField::Name => ("名称", "name"),
            ReasonField::FormerName => ("曾用名", "former name"),
            ReasonField::Year => ("年级", "year"),
            ReasonField::Grade => ("年级", "grade"),
            ReasonField::Class => ("班号", "class"),
            ReasonField::Number => ("序号", "number"),
            ReasonField::Type => ("类型", "type"),
            ReasonField::Trade => ("行业", "trade"),
            ReasonField::Region => ("地区", "region"),
            ReasonField::Parent => ("上级", "parent"),
            ReasonField::Kind => ("类别", "kind"),
            ReasonField::Evidence => ("其他列", "column"),
            ReasonField::Twins => ("同样符合的组织", "organizations that fit equally"),
            ReasonField::Institution => ("未写明的学校或单位", "institution not named"),
            ReasonField::NearestClasses => ("现有班级", "classes that exist"),
            ReasonField::Successor => ("已并入", "merged into"),
            ReasonField::Record => ("记录", "record"),
        }
    }
}

/// How a field of a record and an organization agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// They say the same.
    Agrees,
    /// They say different things.
    Differs,
    /// The record says something that the organization does not say.
    Missing,
    /// No comparison: something there is to know.
    Note,
}

impl Agreement {
    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Agreement::Agrees => "agrees",
            Agreement::Differs => "differs",
            Agreement::Missing => "missing",
            Agreement::Note => "note",
        }
    }
}

/// The language that a reason is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReasonLanguage {
    /// Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

/// One reason.
///
/// ```
/// use search_core::resolve::{Agreement, Reason, ReasonField, ReasonLanguage};
/// let reason = Reason {
///     field: ReasonField::Class, agreement: Agreement::Differs, record: "3".into(), org: "13".into(),
/// };
/// assert_eq!(reason.text(ReasonLanguage::Chinese), "班号 3 ≠ 13");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason {
    /// What it is about.
    pub field: ReasonField,
    /// How record and organization agree.
    pub agreement: Agreement,
    /// What the record says; may be empty.
    pub record: String,
    /// What the organization says; may be empty.
    pub org: String,
}

impl Reason {
    pub(super) fn new(
        field: ReasonField,
        agreement: Agreement,
        record: impl Into<String>,
        org: impl Into<String>,
    ) -> Reason {
        Reason { field, agreement, record: record.into(), org: org.into() }
    }

    /// The reason as a person reads it.
    pub fn text(&self, language: ReasonLanguage) -> String {
        let is_chinese = language == ReasonLanguage::Chinese;
        let (chinese, english) = self.field.labels();
        let label = if is_chinese { chinese } else { english };
        let (record, org) = (self.record.as_str(), self.org.as_str());
        let said = if record.is_empty() { org } else { record };
        match self.agreement {
            Agreement::Agrees if is_chinese => format!("{label} {said} 相符"),
            Agreement::Agrees => format!("{label} {said} agrees"),
            _ if self.field == ReasonField::Record && is_chinese => "没有名称，也没有编码".to_owned(),
            _ if self.field == ReasonField::Record => "it says neither a name nor a code".to_owned(),
            Agreement::Differs => format!("{label} {record} ≠ {org}"),
            Agreement::Missing if is_chinese => format!("{label}中的 {record} 未对上"),
            Agreement::Missing => format!("{record} of the {label} is not found"),
            Agreement::Note if is_chinese => format!("{label}：{said}"),
            Agreement::Note => format!("{label}: {said}"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(ReasonLanguage::Chinese))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_as_a_person_would_say_them() {
        let rows = [
            (ReasonField::Class, Agreement::Differs, "3", "13", "班号 3 ≠ 13", "class 3 ≠ 13"),
            (ReasonField::Region, Agreement::Agrees, "江西", "", "地区 江西 相符", "region 江西 agrees"),
            (
                ReasonField::Name,
                Agreement::Missing,
                "李家",
                "",
                "名称中的 李家 未对上",
                "李家 of the name is not found",
            ),
            (
                ReasonField::Successor,
                Agreement::Note,
                "",
                "北京大学",
                "已并入：北京大学",
                "merged into: 北京大学",
            ),
        ];
        for (field, agreement, record, org, chinese, english) in rows {
            let reason = Reason::new(field, agreement, record, org);
            assert_eq!(reason.to_string(), chinese);
            assert_eq!(reason.text(ReasonLanguage::English), english);
        }
    }
}
