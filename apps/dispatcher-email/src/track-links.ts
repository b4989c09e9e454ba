/** Where an `<a>` leads, quoted either way; attributes before it may hold quoted `>`. A bare `<` ends the search, or it would be quadratic. */
const href = /(<a(?=\s)(?:"[^"<]*"|'[^'<]*'|[^<>"'])*?\shref\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi;

/** A page whose links lead where `tracked` says; only `http` and `https` ones are asked about. */
export function trackLinks(html: string, tracked: (url: string) => string): string {
  return html.replace(href, (whole, before: string, double: string | undefined, single: string | undefined) => {
    const url = unescaped((double ?? single ?? '').trim());
    return /^https?:\/\//i.test(url) ? `${before}"${escaped(tracked(url))}"` : whole;
  });
}

/** A page that asks for an invisible picture when it is opened. */
export function withPixel(html: string, url: string): string {
  const pixel = `<img src="${escaped(url)}" width="1" height="1" alt="" style="display:none">`;
  const end = html.toLowerCase().lastIndexOf('</body>');
  return end === -1 ? html + pixel : html.slice(0, end) + pixel + html.slice(end);
}

const unescaped = (text: string): string => text.replace(/&(?:amp|#38);/g, '&').replace(/&#39;/g, "'").replace(/&(?:quot|#34);/g, '"');

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&#34;');
