import { describe, expect, it } from '@jest/globals';
import type { TemplateDefinition } from '@tidings/contracts';
import { compileTemplate, type CompiledTemplate } from './compile-template.js';
import { textOfHtml } from './text-of-html.js';

const compiled = (definition: Omit<TemplateDefinition, 'id'>): CompiledTemplate => {
  const result = compileTemplate({ id: 'welcome', ...definition });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.template;
};
const title = (source: string, variables: object): unknown => compiled({ push: { title: source, body: 'b' } }).push?.(variables);
const html = (source: string, variables: object): unknown => compiled({ email: { subject: 's', html: source } }).email?.(variables);

describe('a template', () => {
  it('fills a push with the recipient and the event', () => {
    const { push } = compiled({
      push: { title: 'Hello {{ profile.first_name | default: "there" }}', body: '{{ event.properties.items | size }} things wait', link: 'shop://cart/{{ event.properties.cart_id }}', data: { cart: '{{ event.properties.cart_id }}' } },
    });
    expect(push?.({ profile: {}, event: { properties: { cart_id: 'c1', items: [1, 2] } } })).toEqual({
      kind: 'rendered',
      content: { title: 'Hello there', body: '2 things wait', image: null, link: 'shop://cart/c1', data: { cart: 'c1' } },
    });
  });

  it('reads computed traits by their ids, also those with hyphens', () => {
    const profile = { computed: { orders: 3, 'spent-in-90-days': 120.5 } };
    const source = '{{ profile.computed.orders }} {{ profile.computed.spent-in-90-days }} {{ profile.computed["spent-in-90-days"] }}';
    expect(title(source, { profile })).toMatchObject({ content: { title: '3 120.5 120.5' } });
  });

  it('reads computed traits that are texts, escaped in HTML as all that people sent', () => {
    const profile = { computed: { 'favourite-category': 'Hats & <b>' } };
    expect(html('<p>{{ profile.computed.favourite-category }}</p>', { profile })).toMatchObject({ content: { html: '<p>Hats &amp; &lt;b&gt;</p>', text: 'Hats & <b>\n' } });
    expect(title('{{ profile.computed.favourite-category | default: "new" }}', { profile: {} })).toMatchObject({ content: { title: 'new' } });
  });

  it('escapes values in HTML, not in text, and makes the text from the HTML', () => {
    expect(html('<style>p{}</style><p>Hi {{ name }}</p><a href="https://shop.example/{{ id }}">your&nbsp;cart</a>', { name: '<b>A&B</b>', id: 7 })).toEqual({
      kind: 'rendered',
      content: {
        subject: 's',
        from: null,
        replyTo: null,
        html: '<style>p{}</style><p>Hi &lt;b&gt;A&amp;B&lt;/b&gt;</p><a href="https://shop.example/7">your&nbsp;cart</a>',
        text: 'Hi <b>A&B</b>\n\nyour cart (https://shop.example/7)\n',
      },
    });
  });

  it('keeps conditions and loops in the text it makes', () => {
    const source = '<ul>{% for item in items %}<li class="{% if forloop.first %}a{% endif %}">{{ item }}</li>{% endfor %}</ul>';
    expect(html(source, { items: ['tea', 'cups'] })).toMatchObject({ content: { text: 'tea\n\ncups\n' } });
  });

  it.each([
    ['tags', '<a '],
    ['comments', '<!--'],
    ['quotes', '<p title="'],
    ['closed Liquid within a tag', '<p {{ x }}'],
    ['Liquid', '{{ '],
    ['entities', '&amp'],
    ['blanks', ' '],
  ])('makes text in time that grows with the page only, also of %s that nobody closed', (_name, hostile) => {
    const before = performance.now();
    textOfHtml(hostile.repeat(100_000));
    textOfHtml(`<p ${hostile.repeat(100_000)}`);
    expect(performance.now() - before).toBeLessThan(1_500);
  });

  it('lets no value begin a header of its own', () => {
    expect(title('Hi {{ name }}', { name: 'A\r\nBcc: b@example.com\u2028c' })).toMatchObject({ content: { title: 'Hi A Bcc: b@example.com c' } });
    const { email } = compiled({ email: { subject: '{{ s }}', from: '{{ s }}', html: 'x' } });
    expect(email?.({ s: 'a\r\nb' })).toMatchObject({ content: { subject: 'a b', from: 'a b' } });
  });

  it.each([
    ['an unknown filter', '{{ a | strip_html }}', /undefined filter: strip_html/],
    ['a filter that undoes escaping', '{{ a | raw }}', /undefined filter: raw/],
    ['a tag that reads another template', '{% include "x" %}', /tag "include" not found/],
    ['a tag that renders another template', '{% render "x" %}', /tag "render" not found/],
    ['a tag that is not closed', '{% if a %}', /not closed/],
    ['a template beyond the limit', 'x'.repeat(400_001), /parse length limit exceeded/],
  ])('refuses %s, naming the place', (_name, source, message) => {
    const result = compileTemplate({ id: 't', push: { title: 'ok', body: source } });
    expect(result).toEqual({ ok: false, problems: [{ place: 'push.body', message: expect.stringMatching(message) }] });
  });

  it('refuses a data key that FCM would refuse', () => {
    expect(compileTemplate({ id: 't', push: { title: 'a', body: 'b', data: { 'google.c': 'x', mine: 'y' } } })).toMatchObject({
      ok: false, problems: [{ place: 'push.data.google.c' }],
    });
  });

  it.each([
    ['a range to a thousand million', '{% for i in (1..1000000000) %}x{% endfor %}'],
    ['loops within loops', '{% for i in (1..9999) %}{% for j in (1..9999) %}{% for k in (1..9999) %}x{% endfor %}{% endfor %}{% endfor %}'],
    ['a text that doubles itself', `{% assign a = "xxxxxxxxxx" %}${'{% capture a %}{{ a }}{{ a }}{% endcapture %}'.repeat(40)}{{ a }}`],
    ['a text that appends itself', `{% assign a = "xxxxxxxxxx" %}${'{% assign a = a | append: a %}'.repeat(40)}{{ a }}`],
    ['a date as wide as the memory', '{{ "2026-01-01" | date: "%999999999d" }}'],
    ['a date format out of the data', '{{ "2026-01-01" | date: format }}'],
    ['a list joined by a long text', '{% assign l = (1..60000) %}{{ l | join: long }}'],
  ])('survives %s: no content, soon, and the next one renders', (_name, source) => {
    const before = performance.now();
    expect(title(source, { format: '%_9999999d', long: 'y'.repeat(10_000) })).toMatchObject({ kind: 'render-failed' });
    expect(performance.now() - before).toBeLessThan(1500);
    expect(title('Hi {{ name }}', { name: 'Ada' })).toMatchObject({ content: { title: 'Hi Ada' } });
  });

  it('reads own properties only', () => {
    expect(title('[{{ a.constructor.name }}{{ a.__proto__ }}{{ a.toString }}{{ constructor }}]', { a: {} })).toMatchObject({ content: { title: '[]' } });
    expect(title('[{% if a.constructor %}x{% endif %}]', { a: {} })).toMatchObject({ content: { title: '[]' } });
  });
});
