//! Checks the changes of a batch one after another, and makes them.

use super::change::{Batch, Change, FieldChanges, NewOrg, OfChildren};
use super::changed_orgs::{ChangedOrgs, TreeView};
use super::finding::{ChangeCode, ChangeFinding};
use super::{MAX_CHANGED, MAX_CHANGED_BY_BATCH, MAX_CHANGED_BY_BUILD};
use crate::index::records::SegmentRecords;
use index_data::load::SourceRow;
use index_data::model::{MAX_DEPTH, OrgStatus, OrgUnit};
use index_data::validate::{Severity, validate_row};

/// The changed organizations after a batch that may be searched at once.
///
/// # Errors
/// All that is wrong with it: nothing of it is done then.
pub(super) fn apply(
    base: &SegmentRecords,
    before: &ChangedOrgs,
    batch: &Batch,
) -> Result<ChangedOrgs, Vec<ChangeFinding>> {
    let most = MAX_CHANGED.min(before.len() + MAX_CHANGED_BY_BATCH);
    let too_many = format!(
        "with what stands below, more than {MAX_CHANGED_BY_BATCH} organizations change at once, or {MAX_CHANGED} since \
         the generation was built"
    );
    apply_up_to(most, &too_many, base, before, batch)
}

/// The same for a batch that a generation may be built for.
pub(super) fn apply_for_build(
    base: &SegmentRecords,
    before: &ChangedOrgs,
    batch: &Batch,
) -> Result<ChangedOrgs, Vec<ChangeFinding>> {
    let too_many = format!(
        "with what stands below, more than {MAX_CHANGED_BY_BUILD} organizations change at once; reindex instead"
    );
    apply_up_to(before.len() + MAX_CHANGED_BY_BUILD, &too_many, base, before, batch)
}

/// What may be searched beside the generation, in organizations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searchable {
    pub(super) by_batch: usize,
    pub(super) in_all: usize,
}

impl Default for Searchable {
    fn default() -> Self {
        Searchable { by_batch: MAX_CHANGED_BY_BATCH, in_all: MAX_CHANGED }
    }
}

impl Searchable {
    /// Whether what a batch leaves behind is.
    pub(super) fn holds(self, before: &ChangedOrgs, after: &ChangedOrgs) -> bool {
        after.len() <= self.in_all.min(before.len() + self.by_batch)
    }
}

fn apply_up_to(
    most: usize,
    too_many: &str,
    base: &SegmentRecords,
    before: &ChangedOrgs,
    batch: &Batch,
) -> Result<ChangedOrgs, Vec<ChangeFinding>> {
    let mut changed = before.clone();
    let mut work = Work { tree: TreeView::new(base, &mut changed, most), index: 0, findings: Vec::new() };
    for (index, change) in batch.changes.iter().enumerate() {
        work.index = index;
        // What is wrong is in the findings; the changes behind it are checked all the same.
        let _ = work.make(change);
        if work.tree.is_full() {
            work.find("id", ChangeCode::TooManyOrgs, too_many);
            break;
        }
    }
    let findings = work.findings;
    if findings.is_empty() { Ok(changed) } else { Err(findings) }
}

/// A change that was refused; why stands among the findings.
struct Refused;

struct Work<'a> {
    tree: TreeView<'a>,
    /// Of the change at hand.
    index: usize,
    findings: Vec<ChangeFinding>,
}

impl Work<'_> {
    fn find(&mut self, field: &str, code: ChangeCode, detail: impl Into<String>) -> Refused {
        self.findings.push(ChangeFinding::new(self.index, field, code, detail));
        Refused
    }

    fn make(&mut self, change: &Change) -> Result<(), Refused> {
        if let Change::Add(org) = change {
            return self.add(org);
        }
        let id = change.id();
        self.known("id", id, ChangeCode::UnknownId)?;
        match change {
            Change::Add(_) => {}
            Change::Rename { id, name } => self.rename(id, name)?,
            Change::Move { id, parent_id } => {
                let parent = parent_id.as_deref().filter(|parent| !parent.is_empty());
                self.check_place(id, parent, "parent_id")?;
                self.tree.put_below(id, parent.map(str::to_owned));
            }
            Change::Merge { id, into, children } => self.merge(id, into, *children)?,
            Change::Close { id, children } => {
                let above = self.tree.parent_id(id);
                self.end_children(id, *children, above)?;
                self.tree.change(id, |org| org.status = OrgStatus::Closed);
            }
            Change::Reopen { id } => self.tree.change(id, |org| {
                org.status = OrgStatus::Active;
                org.successor_id = None;
            }),
            Change::Set { id, fields } => self.set(id, fields)?,
            Change::Aliases { id, aliases } => {
                let row = SourceRow { aliases: aliases.clone(), ..row_of(id) };
                let checked = self.checked(&row)?;
                self.tree.change(id, |org| org.aliases = checked.aliases);
            }
        }
        Ok(())
    }

    /// # Errors
    /// If nothing has this id.
    fn known(&mut self, field: &str, id: &str, code: ChangeCode) -> Result<(), Refused> {
        match self.tree.exists(id) {
            true => Ok(()),
            false => Err(self.find(field, code, format!("no organization has the id {id:?}"))),
        }
    }

    /// What a row says, by the rules for rows.
    fn checked(&mut self, row: &SourceRow) -> Result<OrgUnit, Refused> {
        let (org, report) = validate_row(row);
        for finding in report.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            let detail = format!("{}: {:?}", finding.code.message(), finding.value);
            self.find(finding.field.name(), ChangeCode::OfRow(finding.code), detail);
        }
        org.filter(|_| !report.has_errors()).ok_or(Refused)
    }

    fn add(&mut self, new: &NewOrg) -> Result<(), Refused> {
        let org = self.checked(&new.row(self.index as u64 + 1))?;
        if self.tree.exists(&org.id) {
            let detail = format!("an organization has the id {:?}", org.id);
            return Err(self.find("id", ChangeCode::DuplicateId, detail));
        }
        self.check_place(&org.id, org.parent_id.as_deref(), "parent_id")?;
        if let Some(successor) = &org.successor_id {
            self.known("successor_id", successor, ChangeCode::UnknownSuccessor)?;
        }
        self.tree.add(org);
        Ok(())
    }

    /// Whether an organization, new or not, may stand below another.
    fn check_place(&mut self, id: &str, parent: Option<&str>, field: &str) -> Result<(), Refused> {
        let Some(parent) = parent else { return Ok(()) };
        if parent == id {
            return Err(self.find(field, ChangeCode::Cycle, format!("{id:?} would stand below itself")));
        }
        self.known(field, parent, ChangeCode::UnknownParent)?;
        let path = self.tree.path_up(parent);
        if path.iter().any(|above| above == id) {
            let detail = format!("{parent:?} stands below {id:?}");
            return Err(self.find(field, ChangeCode::Cycle, detail));
        }
        if path.len() + self.tree.height(id) > MAX_DEPTH {
            let detail = format!("more than {MAX_DEPTH} organizations would stand above one");
            return Err(self.find(field, ChangeCode::TooDeep, detail));
        }
        Ok(())
    }

    fn rename(&mut self, id: &str, name: &str) -> Result<(), Refused> {
        let name = self.checked(&SourceRow { name: name.to_owned(), ..row_of(id) })?.name;
        self.tree.change(id, |org| {
            if org.name == name {
                return;
            }
            let before = std::mem::replace(&mut org.name, name);
            org.former_names.retain(|former| *former != org.name);
            if !org.former_names.contains(&before) {
                org.former_names.push(before);
            }
        });
        Ok(())
    }

    fn merge(&mut self, id: &str, into: &str, children: Option<OfChildren>) -> Result<(), Refused> {
        self.known("into", into, ChangeCode::UnknownSuccessor)?;
        if self.tree.path_up(into).iter().any(|above| above == id) {
            let detail = format!("{into:?} is {id:?} or stands below it");
            return Err(self.find("into", ChangeCode::Cycle, detail));
        }
        self.end_children(id, children, Some(into.to_owned()))?;
        self.tree.change(id, |org| {
            org.status = OrgStatus::Merged;
            org.successor_id = Some(into.to_owned());
        });
        Ok(())
    }

    /// Does with the active children of an organization that ends what the change says.
    fn end_children(
        &mut self,
        id: &str,
        children: Option<OfChildren>,
        goes_to: Option<String>,
    ) -> Result<(), Refused> {
        let active: Vec<String> =
            self.tree.children(id).into_iter().filter(|child| self.tree.is_active(child)).collect();
        if active.is_empty() {
            return Ok(());
        }
        match (children, goes_to) {
            (None, _) => {
                let detail = format!(
                    "{} active organizations stand directly below {id:?}: say \"children\": \"close\" or \"move\"",
                    active.len()
                );
                Err(self.find("children", ChangeCode::ActiveChildren, detail))
            }
            (Some(OfChildren::Move), None) => {
                let detail = format!("nothing stands above {id:?} that its children could move to");
                Err(self.find("children", ChangeCode::NothingAbove, detail))
            }
            (Some(OfChildren::Move), Some(to)) => {
                for child in &active {
                    self.check_place(child, Some(&to), "children")?;
                }
                active.iter().for_each(|child| self.tree.put_below(child, Some(to.clone())));
                Ok(())
            }
            (Some(OfChildren::Close), _) => {
                self.close_all(active);
                Ok(())
            }
        }
    }

    /// Closes active organizations, and all active ones below them.
    fn close_all(&mut self, mut open: Vec<String>) {
        while let Some(id) = open.pop() {
            if self.tree.is_active(&id) {
                self.tree.change(&id, |org| org.status = OrgStatus::Closed);
            }
            open.extend(self.tree.children(&id));
        }
    }

    fn set(&mut self, id: &str, fields: &FieldChanges) -> Result<(), Refused> {
        let text = |said: &Option<Option<String>>| said.clone().flatten().unwrap_or_default();
        let row = SourceRow {
            kind: text(&fields.kind),
            system: text(&fields.system),
            region: text(&fields.region),
            ..row_of(id)
        };
        let said = self.checked(&row)?;
        self.tree.change(id, |org| {
            if fields.kind.is_some() {
                org.kind = said.kind;
            }
            if fields.system.is_some() {
                org.system = said.system;
            }
            if fields.region.is_some() {
                org.region = said.region;
            }
            if let Some(members) = fields.members {
                org.members = members;
            }
            for (column, value) in &fields.attributes {
                org.attributes.retain(|(known, _)| known != column);
                if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                    org.attributes.push((column.clone(), value.clone()));
                }
            }
        });
        Ok(())
    }
}

/// A row that says nothing but what every row has to say.
fn row_of(id: &str) -> SourceRow {
    SourceRow { id: id.to_owned(), name: id.to_owned(), ..SourceRow::default() }
}
