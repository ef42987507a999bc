//! Closed lists of words, as enums of the API document. The words are those of the engine's own types.
//!
//! Kinds, home systems and statuses are no such lists: an export may hold words of its own, which are kept.

use crate::admin::upload::{FORMATS, extension};
use crate::error::texts;
use crate::json::gate::COMPARED;
use index_data::transfer::Certainty as CertaintyOfCore;
use index_data::validate::{Field, FindingCode as FindingCodeOfCore};
use search_core::difference::ChangeKind as ChangeKindOfCore;
use search_core::gate::{GateLimit as GateLimitOfCore, GateOutcome as GateOutcomeOfCore};
use search_core::{
    Decision as DecisionOfCore, HighlightField as HighlightFieldOfCore, MatchReason as MatchReasonOfCore,
    MatchRule as MatchRuleOfCore, PartRole as PartRoleOfCore, ReindexStep, Truncation as TruncationOfCore,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// One schema for each list; the type only names it.
macro_rules! vocabularies {
    ($($(#[doc = $doc:literal])+ $name:ident: $words:expr;)+) => {
        $(
            $(#[doc = $doc])+
            pub(crate) enum $name {}

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    schema(concat!($($doc),+), $words)
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )+
    };
}

/// The names of all variants. One that is left out does not compile.
macro_rules! names {
    ($of:ident { $($variant:ident),+ $(,)? }) => {{
        const _: fn($of) = |value| match value { $($of::$variant)|+ => () };
        [$($of::$variant.name()),+]
    }};
}

vocabularies! {
    /// The best reason an organization was found for, the strongest first.
    MatchReason: names!(MatchReasonOfCore {
        Id, Exact, Alias, FormerName, Substring, Words, Path, ShortForm, Pinyin, Corrected,
    });
    /// A field of names that can hold what was typed. `path`: the official name of an organization above.
    HighlightField: names!(HighlightFieldOfCore { Name, Alias, FormerName, Path });
    /// A field of names other than the official one.
    OtherNameField: [HighlightFieldOfCore::Alias.name(), HighlightFieldOfCore::FormerName.name()];
    /// What a part of a query was taken for. `boilerplate`: words that nearly every name holds; `form`: the form of the
    /// organization; `name`: a part of a name; `noise`: what stands around a pasted name.
    PartRole: names!(PartRoleOfCore { Boilerplate, Form, Name, Noise });
    /// What was decided of a record: it names the first candidate (`matched`), may name one of them and is for a person
    /// to review (`ambiguous`), or names no organization of this tree (`none`).
    Decision: names!(DecisionOfCore { Matched, Ambiguous, NoMatch });
    /// What a budget cut short.
    Truncation: names!(TruncationOfCore { Path, Substring, Words, ShortForms, Total, Facets });
    /// By which rule a typed piece stands for a piece of a name, from the strictest on.
    MatchRule: names!(MatchRuleOfCore {
        Same, Number, Pinyin, OtherReading, Initial, Synonym, NearPinyin, Homophone, NearSound, Swapped, Doubled, Shape,
        NumberLeftOut,
    });
    /// Whether a count is exact (`eq`) or a lower bound (`gte`).
    TotalRelation: ["eq", "gte"];
    /// Whether a public source says so (`known`), or none says what to do here (`not_stated`).
    Certainty: names!(CertaintyOfCore { Known, NotStated });
    /// A step of a job, in order.
    JobStep: ["upload"].into_iter().chain(ReindexStep::ALL.map(ReindexStep::name));
    /// How an organization changed.
    ChangeKind: names!(ChangeKindOfCore { Added, Removed, Renamed, Moved, Status, Aliases });
    /// What came of the gate.
    GateOutcome: names!(GateOutcomeOfCore { FirstImport, Passed, Refused, Forced });
    /// What a new tree was held against.
    GateCompared: COMPARED;
    /// What the gate looks at.
    GateLimit: names!(GateLimitOfCore {
        UnitsLost, LeavesLost, Moved, Renamed, UnitsLostWithActive, GoldenLost, ChangesLost,
    });
    /// How bad a finding is: an `error` stops a reindex, a `warning` is worth a look, an `info` is a fact.
    Severity: ["info", "warning", "error"];
    /// What is wrong in a row.
    FindingCode: FindingCodeOfCore::ALL.iter().map(|code| code.code());
    /// A column of an org-tree file; `attributes` is any other column, or the row as a whole.
    FindingField: Field::COLUMNS.iter().chain([&Field::Attributes]).map(|field| field.name());
    /// The format of an org-tree file.
    SourceFormat: FORMATS.map(extension);
    /// Why a generation cannot be opened.
    RefusalCode: ["damaged", "other_format", "unreadable"];
    /// The stable code of a problem.
    ProblemCode: texts::ALL.iter().map(|problem| problem.code).collect::<BTreeSet<_>>();
}

fn schema(description: &str, words: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    let object = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.trim()))
        .enum_values(Some(words));
    object.into()
}
