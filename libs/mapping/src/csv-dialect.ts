/** How CSV files are read, by whoever splits one and by whoever takes the parts: both must count the same rows. */
export const csvDialect = {
  bom: true,
  skip_empty_lines: true,
  // Rows of another length and stray quotes are for the rows' own check, which names them.
  relax_column_count: true,
  relax_quotes: true,
  /** In characters. A quote that is never closed ends there instead of taking the rest of the file. */
  max_record_size: 262_144,
} as const;
