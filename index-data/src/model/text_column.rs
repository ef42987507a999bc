//! Texts of all rows in one blob: no allocation per row, any order without copying a letter.

/// An append-only column of texts, addressed by position.
///
/// Positions may be reordered with [`TextColumn::permute`]; the blob stays as it was written.
#[derive(Debug, Clone)]
pub(crate) struct TextColumn {
    /// Bytes of all texts together, at most.
    most_bytes: u32,
    blob: String,
    starts: Vec<u32>,
    lens: Vec<u16>,
}

impl Default for TextColumn {
    fn default() -> Self {
        TextColumn::with_limit(u32::MAX)
    }
}

impl TextColumn {
    /// An empty column for so many bytes; starts are 32 bits, so 4 GiB is the most there can be.
    pub(crate) fn with_limit(most_bytes: u32) -> Self {
        TextColumn { most_bytes, blob: String::new(), starts: Vec::new(), lens: Vec::new() }
    }

    /// Appends a text, or returns false where it has no place: past the bytes of the column, or past the 64 KiB that
    /// a text may have.
    #[must_use]
    pub(crate) fn push(&mut self, text: &str) -> bool {
        let Some((start, len)) = self.place(text.len()) else { return false };
        self.starts.push(start);
        self.lens.push(len);
        self.blob.push_str(text);
        true
    }

    fn place(&self, len: usize) -> Option<(u32, u16)> {
        let end = u32::try_from(self.blob.len().checked_add(len)?).ok()?;
        (end <= self.most_bytes).then_some((u32::try_from(self.blob.len()).ok()?, u16::try_from(len).ok()?))
    }

    pub(crate) fn get(&self, position: u32) -> &str {
        let start = self.starts[position as usize] as usize;
        &self.blob[start..start + self.lens[position as usize] as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Moves the text at `order[i]` to position `i`.
    pub(crate) fn permute(&mut self, order: &[u32]) {
        self.starts = order.iter().map(|&from| self.starts[from as usize]).collect();
        self.lens = order.iter().map(|&from| self.lens[from as usize]).collect();
    }

    pub(crate) fn shrink(&mut self) {
        self.blob.shrink_to_fit();
    }
}
