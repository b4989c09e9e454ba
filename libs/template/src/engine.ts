import { filters, Liquid, type FilterImplOptions } from 'liquidjs';
import { allowedFilters, allowedTags, boundedDateFormat } from './filters.js';

/** How long one text of a template may be, in characters. */
export const MAX_SOURCE = 400_000;
/** How long one rendered text may become, in characters. */
export const MAX_OUTPUT = 512_000;

const limits = {
  parseLimit: MAX_SOURCE,
  /** Milliseconds: thousands of times what a real template takes; a bomb holds its neighbours up no longer than this. */
  renderLimit: 100,
  memoryLimit: 2_000_000,
};

type DateFilter = (this: unknown, value: unknown, format?: unknown, ...rest: unknown[]) => unknown;

/** The library's filter under a guard: a template can name any format, also one out of the recipient's data. */
function boundedDate(date: DateFilter): FilterImplOptions {
  return function (this: unknown, value: unknown, format?: unknown, ...rest: unknown[]): unknown {
    if (typeof format === 'string' && !boundedDateFormat(format)) throw new Error('date format too long or with a width');
    return date.call(this, value, format, ...rest);
  };
}

function restrict(engine: Liquid): Liquid {
  for (const name of Object.keys(engine.filters)) if (!allowedFilters.has(name)) engine.unregisterFilter(name);
  for (const name of Object.keys(engine.tags)) if (!allowedTags.has(name)) Reflect.deleteProperty(engine.tags, name);
  const { date } = filters;
  if (typeof date === 'function') engine.registerFilter('date', boundedDate(date as DateFilter));
  return engine;
}

const engine = (outputEscape: 'escape' | null): Liquid =>
  restrict(
    new Liquid({
      ...limits,
      ownPropertyOnly: true,
      dynamicPartials: false,
      relativeReference: false,
      templates: {},
      strictFilters: true,
      timezoneOffset: 0,
      locale: 'en-US',
      ...(outputEscape === null ? {} : { outputEscape }),
    }),
  );

/** For HTML: every value is escaped. */
export const htmlEngine = engine('escape');
/** For plain text: values stand as they are. */
export const textEngine = engine(null);
