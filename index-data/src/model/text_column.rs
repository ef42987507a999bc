//! Texts of all rows in one blob: no allocation per row, any order without copying a letter.

/// An append-only column of texts, addressed by position.
///
/// Positions may be reordered with [`TextColumn::permute`]; the blob stays as it was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextColumn {
    blob: String,
    starts: Vec<u32>,
    lens: Vec<u16>,
}

impl TextColumn {
    /// Whether one more text of `len` bytes fits the 4 GiB a column can address and the 64 KiB a text may have.
    pub(crate) fn fits(&self, len: usize) -> bool {
        u16::try_from(len).is_ok() && u32::try_from(self.blob.len() + len).is_ok()
    }

    /// Appends a text that [`Self::fits`]; a longer one is kept as empty text.
    pub(crate) fn push(&mut self, text: &str) {
        let fits = self.fits(text.len());
        self.starts.push(if fits { self.blob.len() as u32 } else { 0 });
        self.lens.push(if fits { text.len() as u16 } else { 0 });
        if fits {
            self.blob.push_str(text);
        }
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
