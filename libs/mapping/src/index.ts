/**
 * What foreign records become: JSON of a customer's topics and webhooks by expressions, rows of CSV files by a map of
 * columns. Makes calls of the Segment specification; whether they are good ones, and where records come from, it
 * does not know.
 */
export { bounds } from './bounds.js';
export type { Mapped, MappedCall } from './compile-map.js';
export { checkSource, compileSource, isProblems, type CompiledSource, type SourceRecord } from './compile-source.js';
export { asUtf8 } from './as-utf8.js';
export { csvCells } from './csv-cells.js';
export { CsvScan } from './csv-scan.js';
export { checkCsvMap, CsvMap, importKinds, type CsvKind, type ImportKind } from './csv-map.js';
export { compileRows, isRefusedRow, type RefusedRow, type RowMap } from './csv-rows.js';
