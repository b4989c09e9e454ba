import { describe, expect, it } from '@jest/globals';
import { trackLinks, withPixel } from './track-links.js';

const mark = (url: string): string => `https://t.example/l/${encodeURIComponent(url)}`;

describe('tracked links', () => {
  it.each([
    ['a link', '<a href="https://shop.example/a">x</a>', `<a href="${mark('https://shop.example/a')}">x</a>`],
    ['an escaped query', '<a class="b" href="https://shop.example/?a=1&amp;b=2">x</a>', `<a class="b" href="${mark('https://shop.example/?a=1&b=2')}">x</a>`],
    ['single quotes and capitals', "<A HREF='http://shop.example'>x</A>", `<A HREF="${mark('http://shop.example')}">x</A>`],
    ['an attribute with a bracket before it', '<a title="a > b" href="https://shop.example">x</a>', `<a title="a > b" href="${mark('https://shop.example')}">x</a>`],
    ['two links', '<a href="https://a.example">1</a><a href="https://b.example">2</a>', `<a href="${mark('https://a.example')}">1</a><a href="${mark('https://b.example')}">2</a>`],
    ['no e-mail address', '<a href="mailto:shop@example.com">x</a>', '<a href="mailto:shop@example.com">x</a>'],
    ['no fragment', '<a href="#top">x</a>', '<a href="#top">x</a>'],
    ['no deep link', '<a href="shop://cart">x</a>', '<a href="shop://cart">x</a>'],
    ['no style sheet', '<link href="https://shop.example/a.css">', '<link href="https://shop.example/a.css">'],
    ['no other attribute', '<a data-href="https://shop.example">x</a>', '<a data-href="https://shop.example">x</a>'],
  ])('%s', (_name, html, expected) => {
    expect(trackLinks(html, mark)).toBe(expected);
  });

  it('are found in time that grows with the page only', () => {
    const before = performance.now();
    for (const hostile of ['<a ', '<a title="', '<a title="" ', "<a '", '<a href=', '<a href="']) trackLinks(hostile.repeat(50_000), mark);
    trackLinks(`<a ${'x '.repeat(100_000)}`, mark);
    trackLinks(`<a ${'"" '.repeat(100_000)}`, mark);
    trackLinks(`<a ${' href'.repeat(100_000)}`, mark);
    trackLinks(`<a${' '.repeat(100_000)}`, mark);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('are joined by a pixel at the end of the body', () => {
    expect(withPixel('<body>x</body>', 'https://t.example/o/1.gif')).toMatch(/^<body>x<img src="https:\/\/t.example\/o\/1.gif"[^>]*><\/body>$/);
    expect(withPixel('x', 'https://t.example/o/1.gif')).toMatch(/^x<img /);
  });
});
