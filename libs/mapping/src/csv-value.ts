import type { CsvType } from './csv-map.js';

/** What is wrong with the text of a cell, to be said after its column's name. */
export class BadCell {
  constructor(readonly message: string) {}
}

const isoDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const words: Readonly<Record<string, boolean>> = { true: true, false: false, yes: true, no: false, '1': true, '0': false };

/** Reads the text of a cell, which is not empty, as a value of its column's type. */
export function csvValue(text: string, type: CsvType): unknown {
  switch (type) {
    case 'text':
      return text;
    case 'number':
      return numberOf(text.trim());
    case 'boolean':
      return words[text.trim().toLowerCase()] ?? new BadCell('must be true or false (or yes, no, 1, 0)');
    case 'date':
      return isoDate.test(text.trim()) ? text.trim() : new BadCell('must be a date as ISO 8601 writes it');
    case 'json':
      return jsonOf(text);
  }
}

function numberOf(text: string): number | BadCell {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : new BadCell('must be a number, with a point for decimals');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's only way to say that a text is not JSON, which is an answer, not a failure.
    return new BadCell('must be JSON');
  }
}
