import { shapeCheck, type ShapeProblem } from '@tidings/contracts';
import Type, { type Static } from 'typebox';

/** What a file of an import holds: a profile in each row, or an event. */
export const csvKinds = ['profiles', 'events'] as const;
/** What the rows of a file are. */
export type CsvKind = (typeof csvKinds)[number];

/** What can be imported: rows of those kinds, or profiles that are put on a list or taken off it. */
export const importKinds = [...csvKinds, 'list'] as const;
/** What an import is of. */
export type ImportKind = (typeof importKinds)[number];

const closed = { additionalProperties: false } as const;
const column = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }));

/** The types of a column's values. */
export const CsvType = Type.Enum(['text', 'number', 'boolean', 'date', 'json']);
export type CsvType = Static<typeof CsvType>;

/** What becomes of a column: the name that it goes by (dots lead into objects) and its type; null leaves it out. */
const CsvColumn = Type.Union([
  Type.String({ minLength: 1, maxLength: 255 }),
  Type.Object({ as: column, type: Type.Optional(CsvType) }, closed),
  Type.Null(),
]);

/** Which column of a CSV file is what, as a person writes it in the file given to `--map`. */
export const CsvMap = Type.Object(
  {
    userId: column,
    anonymousId: column,
    messageId: column,
    timestamp: column,
    /** The column that names the event. */
    event: column,
    /** The name of the event in every row. */
    eventName: column,
    columns: Type.Optional(Type.Record(Type.String(), CsvColumn)),
    /** What becomes of columns that are not named: they go by their own names, or are left out. */
    others: Type.Optional(Type.Enum(['keep', 'leave'])),
  },
  closed,
);
export type CsvMap = Static<typeof CsvMap>;

const shape = shapeCheck(CsvMap);

/** What is wrong with a map of columns and where; empty when nothing is. */
export const checkCsvMap = (document: unknown): readonly ShapeProblem[] => shape(document);
