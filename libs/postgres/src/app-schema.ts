/** One step of a schema's growth. Once applied anywhere its SQL never changes. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** A table `partition by range (day)` with a column `day date not null`, of which the last `keepDays` days are kept. */
export interface DayPartitions {
  readonly table: string;
  readonly keepDays: number;
  /** How full pages of a day are filled, in percent; 100. Room lets a row's next version lie beside it, and no index changes. */
  readonly fillFactor?: number;
}

/** The Postgres schema of one app: everything the app keeps, in the order in which it came to be. */
export interface AppSchema {
  readonly schema: string;
  readonly migrations: readonly Migration[];
  readonly dayPartitions?: readonly DayPartitions[];
}
