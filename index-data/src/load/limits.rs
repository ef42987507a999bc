//! How much one row of a file may hold.

/// The longest row (a CSV record, a line of JSONL, the text of a sheet's row) that is read. Longer ones, which come
/// from a quotation mark that is never closed or from files of something else, end the reading.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// The most columns a file has, as in a spreadsheet. Rows with more of them end the reading.
pub const MAX_COLUMNS: usize = 16_384;
