/** One text made of several, which no others make: each is told with its length. */
export function nameOf(parts: readonly string[]): string {
  let name = '';
  for (const part of parts) name += `${part.length}:${part}`;
  return name;
}
