const dropped = /^(?:head|style|script|title)$/i;
const breaking = /^(?:p|div|br|tr|li|h[1-6]|table|ul|ol|section|article|header|footer|hr|blockquote)$/i;
const paragraph = /^(?:p|h[1-6]|table|ul|ol)$/i;
const entities: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', copy: '(c)', reg: '(R)', trade: '(TM)',
  mdash: '-', ndash: '-', hellip: '...', zwnj: '', rsquo: "'", lsquo: "'", ldquo: '"', rdquo: '"', bull: '*', middot: '*', euro: 'EUR', pound: 'GBP',
};

/**
 * The text that an HTML page says, with links as `label (address)`. Liquid in it is left standing, so that it can
 * be used on a template's source as well as on a rendered page. It is for readers, not a sanitiser. Takes time that
 * grows with the page only: whatever is not closed is looked for once.
 */
export function textOfHtml(html: string): string {
  const page = new PageText();
  for (let at = 0; at < html.length; ) {
    const special = nextSpecial(html, at);
    if (special > at) page.add(decoded(html.slice(at, special).replace(/\s+/g, ' ')));
    if (special === html.length) break;
    at = takeSpecial(html, special, page);
  }
  return page.text();
}

/** Where the next tag, comment or Liquid begins. */
function nextSpecial(html: string, from: number): number {
  special.lastIndex = from;
  return special.exec(html)?.index ?? html.length;
}

const special = /<[!/A-Za-z]|\{[{%]/g;
const tagName = /[A-Za-z][\w:-]*/y;

/** Hands what begins here to the page, and says where it ends. */
function takeSpecial(html: string, from: number, page: PageText): number {
  if (html[from] === '{') {
    const end = afterLiquid(html, from);
    page.add(html.slice(from, end));
    return end;
  }
  if (html.startsWith('<!--', from)) return after(html, '-->', from);
  const end = afterTag(html, from);
  const closing = html[from + 1] === '/';
  tagName.lastIndex = from + (closing ? 2 : 1);
  const name = tagName.exec(html)?.[0];
  if (name !== undefined) page.tag(name, closing, html.slice(tagName.lastIndex, end - 1));
  return end;
}

/** Behind the closer, or the page's end when there is none. */
function after(html: string, closer: string, from: number): number {
  const at = html.indexOf(closer, from);
  return at === -1 ? html.length : at + closer.length;
}

const afterLiquid = (html: string, from: number): number => after(html, html[from + 1] === '{' ? '}}' : '%}', from);

/** Behind the `>` that ends a tag; one within quotes or Liquid does not. */
function afterTag(html: string, from: number): number {
  for (let at = from + 1; at < html.length; ) {
    const char = html[at] ?? '';
    if (char === '>') return at + 1;
    if (char === '"' || char === "'") at = after(html, char, at + 1);
    else if (char === '{' && (html[at + 1] === '{' || html[at + 1] === '%')) at = afterLiquid(html, at);
    else at += 1;
  }
  return html.length;
}

/** Lines without blanks around them, paragraphs one empty line apart. */
export function tidy(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line, at) => line !== '' || lines[at - 1] !== '').join('\n').trim() + '\n';
}

class PageText {
  private out = '';
  private droppedIn: string | null = null;
  private href: string | null = null;

  add(text: string): void {
    if (this.droppedIn === null) this.out += text;
  }

  tag(name: string, closing: boolean, attributes: string): void {
    if (this.droppedIn !== null) {
      if (closing && name.toLowerCase() === this.droppedIn) this.droppedIn = null;
    } else if (!closing && dropped.test(name) && !attributes.endsWith('/')) this.droppedIn = name.toLowerCase();
    else if (/^a$/i.test(name)) this.link(closing, attributes);
    else this.out += gap(name, closing);
  }

  text(): string {
    return tidy(this.out);
  }

  private link(closing: boolean, attributes: string): void {
    if (!closing) this.href = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes)?.slice(1).find((found) => found !== undefined) ?? null;
    else if (this.href !== null) {
      this.out += ` (${decoded(this.href)})`;
      this.href = null;
    }
  }
}

/** What stands in the text where a tag stood. */
function gap(name: string, closing: boolean): string {
  if (closing && paragraph.test(name)) return '\n\n';
  if (breaking.test(name)) return '\n';
  return /^t[dh]$/i.test(name) ? ' ' : '';
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const code = decimal !== undefined ? Number(decimal) : parseInt(hex ?? '', 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
