/**
 * The filters a template may use. Left out are those that reach for the clock, keep state, walk objects,
 * undo escaping (`raw`), or cost more than their input is long.
 */
export const allowedFilters: ReadonlySet<string> = new Set([
  ...['escape', 'default', 'upcase', 'downcase', 'capitalize', 'truncate', 'truncatewords', 'append', 'prepend', 'strip'],
  ...['join', 'first', 'last', 'size', 'slice', 'reverse', 'map', 'compact', 'uniq'],
  ...['plus', 'minus', 'times', 'divided_by', 'modulo', 'round', 'ceil', 'floor', 'abs', 'at_least', 'at_most'],
  ...['date', 'url_encode', 'newline_to_br'],
]);

/** The tags a template may use. None reads another template: every template stands alone. */
export const allowedTags: ReadonlySet<string> = new Set([
  ...['assign', 'capture', 'case', 'comment', '#', 'cycle', 'echo', 'for', 'if', 'unless', 'raw', 'break', 'continue'],
]);

/** A date format no longer than any sensible one, and without widths (`%999d`), which only serve to fill memory. */
export const boundedDateFormat = (format: string): boolean => format.length <= 64 && !/%[-_0^#:]*\d/.test(format);
