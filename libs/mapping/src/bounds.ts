/** What mapping one record may cost. They are part of the public surface: the README lists them. */
export const bounds = {
  /** Parts of the expression evaluated, each time they are: the same for the same record on any machine. */
  steps: 20_000,
  /** A backstop in milliseconds, far above what the steps take on an idle machine. */
  timeoutMs: 2_000,
  depth: 200,
  /** Items of any list on the way. */
  listLength: 10_000,
  /** UTF-16 units of any text on the way. */
  textLength: 131_072,
  /** Instructions of a compiled regular expression. */
  regexpSize: 500,
  /** Calls that one record may become. */
  calls: 100,
  /** Values in all calls of a record together, and UTF-16 units of their names and texts. */
  resultValues: 20_000,
  resultUnits: 524_288,
  resultDepth: 40,
} as const;
