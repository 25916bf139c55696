//! The bounds of everything that a file can make large, in one place.
//!
//! A file past a bound is refused with the bound in the message; nothing is cut off silently. The values are
//! ten times what a national statistical office needs (10^6 to 10^7 cells), and small
//! enough that a hostile file costs seconds, not the machine.

/// Bytes of one file: five million rows of CSV are about a fifth of this.
pub const FILE_BYTES_MAX: usize = 1 << 30;
/// Bytes of one XLSX file, which is compressed and so can hold a thousand times as much.
pub const XLSX_BYTES_MAX: usize = 64 << 20;
/// Bytes of a workbook as unpacked: what its directory declares.
pub const XLSX_UNPACKED_BYTES_MAX: u64 = 1 << 30;
/// Bytes of a specification.
pub const SPECIFICATION_BYTES_MAX: usize = 1 << 20;
/// Bytes of the proof of a bound; a table of a million cells needs about a tenth.
pub const BOUND_BYTES_MAX: usize = 256 << 20;
/// Cases below each other in the proof of a bound: checking one takes memory that grows with the square.
pub const BOUND_DEPTH_MAX: u32 = 4_096;
/// Factors of relations in the proof of a bound: whole numbers that the search's floats hold.
pub const BOUND_FACTOR_MAX: i64 = 1 << 53;
/// Rows of one file of figures.
pub const ROWS_MAX: u64 = 20_000_000;
/// Columns of one file.
pub const COLUMNS_MAX: usize = 1_024;
/// Bytes of one field: the most that a spreadsheet cell holds.
pub const FIELD_BYTES_MAX: usize = 32_767;
/// Decimals of a figure: 10^15 still leaves four digits before the point below the limit of a figure.
pub const DECIMALS_MAX: u32 = 15;
/// Decimals of a cost: it is compared, never published.
pub const COST_DECIMALS_MAX: u32 = 6;
/// Significant digits of a parameter such as p or k; products with figures then fit 128 bits.
pub const PARAMETER_DIGITS_MAX: usize = 12;
/// Per cent: ten times the value itself. A p beyond it protects nothing that 1,000 does not.
pub const PERCENT_MAX: i64 = 1_000;
/// Contributors that pool, or largest contributors of a dominance rule.
pub const CONTRIBUTORS_IN_RULE_MAX: i64 = 1_000;
/// Seconds that a search may take: one week.
pub const TIME_LIMIT_S_MAX: i64 = 604_800;
/// Threads of a search.
pub const THREADS_MAX: i64 = 1_024;
/// Declared attackers, and earlier releases of one history.
pub const LIST_MAX: usize = 10_000;
/// Faults of one severity that are kept word for word; the rest is counted.
pub const FAULTS_MAX: usize = 1_000;
/// Unknown names for which the nearest known ones are looked up; later ones go without.
pub const SUGGESTIONS_MAX: usize = 100;
/// Known names among which a nearest one is looked up.
pub const SUGGESTION_CANDIDATES_MAX: usize = 20_000;
/// Cases of one list of awkward inputs.
pub const CASES_MAX: usize = 10_000;
/// Units of which any may pool what they know.
pub const POOLING_MAX: i64 = 3;
/// Bytes of one case of the exact model.
pub const CASE_BYTES_MAX: usize = 16 << 20;
/// Records of one case: the exact model is meant for hundreds.
pub const CASE_RECORDS_MAX: usize = 20_000;
/// Cells of the lattice of one case: every code of each dimension with each of the others.
pub const CASE_CELLS_MAX: usize = 200_000;
/// Digits of a number of a case, decimals and denominator together.
pub const CASE_DIGITS_MAX: usize = 200;
