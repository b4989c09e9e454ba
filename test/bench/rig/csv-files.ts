import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { chanceOf, HISTORY_DAYS } from './archetypes.js';
import { CITIES, ORDER, PLANS, viewOf } from './definitions.js';

const DAY = 86_400_000;
const HEADS = {
  profiles: 'user_id,email,first_name,last_name,age:number,city,plan,newsletter:boolean,country,joined:date',
  events: 'user_id,event,timestamp,category,total:number,currency,product,quantity:number',
} as const;

/** A file for `tidings import`. */
export interface CsvFile {
  readonly path: string;
  readonly kind: keyof typeof HEADS;
  readonly rows: number;
  /** What the ids of its people begin with: two files with the same are of the same people. */
  readonly people: string;
  /** Files of the same people with other salts say something else of them. */
  readonly salt: number;
}

/** The city that everybody of a file says who lives where the first segment asks for. */
const cityOf = (row: number): number => row % CITIES;

/** How many rows of a file of profiles are of `city-0`, which the segment `still-0` asks for. */
export const livingInTheFirst = ({ rows }: Pick<CsvFile, 'rows'>): number => Math.ceil(rows / CITIES);

/** Writes it, however long, a stretch at a time. */
export async function writeCsv(file: CsvFile): Promise<void> {
  await pipeline(Readable.from(stretches(file)), createWriteStream(file.path));
}

function* stretches({ kind, rows, people, salt }: CsvFile): Generator<string> {
  yield `${HEADS[kind]}\n`;
  const now = Date.now();
  const line = kind === 'profiles' ? profileLine : eventLine;
  for (let at = 0; at < rows; at += 1000) {
    yield Array.from({ length: Math.min(1000, rows - at) }, (_none, n) => line(at + n, `${people}${at + n}`, salt, now)).join('');
  }
}

function profileLine(row: number, id: string, salt: number, now: number): string {
  const age = 18 + Math.floor(chanceOf(row, salt, 2) * 60);
  const plan = PLANS[Math.floor(chanceOf(row, salt, 4) * PLANS.length)] ?? 'free';
  const joined = new Date(now - Math.floor(chanceOf(row, 5) * 1000) * DAY).toISOString().slice(0, 10);
  return `${id},${id}@example.com,Somebody,"Number ${row}, Esq.",${age},city-${cityOf(row)},${plan},${row % 3 === 0},PT,${joined}\n`;
}

/** One in eight is an order, as in the population of the other benchmarks. */
function eventLine(row: number, id: string, salt: number, now: number): string {
  const number = Math.floor(chanceOf(row, salt, 1) * 160);
  const name = number % 8 === 0 ? ORDER : viewOf(Math.floor(number / 8));
  const at = new Date(now - Math.floor(chanceOf(row, salt) * (HISTORY_DAYS - 1) * DAY)).toISOString();
  return `${id},${name},${at},category-${number % 10},${10 + number},EUR,product-${number},1\n`;
}
