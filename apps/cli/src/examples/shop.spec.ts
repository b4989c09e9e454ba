import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DefinitionSet } from '@tidings/definition';
import type { Segments } from '@tidings/segment';
import { compileTemplate } from '@tidings/template';
import { did, inForce, instant, is, isAt, mail, readExample, Story, type Happening } from './story.fixture.js';

let shop: DefinitionSet;
let segments: Segments;
beforeAll(async () => {
  shop = await readExample('shop');
  segments = inForce(shop);
});

const ordered = (total: number, ...categories: string[]) => did('Order Completed', { cart_id: 'c-1', total, categories });
const viewed = (category: string) => did('Product Viewed', { sku: 'sku-1', category });
const added = did('Product Added', { cart_id: 'c-1' });
/** In the store; around the corner, 400 m away; at home, 4 km away; in another town. */
const [inStore, atCorner, atHome, away] = [isAt(41.15, -8.611), isAt(41.1532, -8.6109), isAt(41.18, -8.6109), isAt(41.55, -8.42)];
const nothing = null;

/** When, what happens then, and whether the person is in the segment afterwards. */
type Scene = readonly [when: string, what: Happening | null, isIn: boolean];

const stories: readonly (readonly [segment: string, ...scenes: Scene[]])[] = [
  ['premium', ['03-02', is({ plan: 'free' }), false], ['03-03', is({ plan: 'premium' }), true]],
  ['age-25-to-34', ['03-02', is({ birthday: '2001-03-12' }), false], ['03-14', nothing, true], ['2036-03-10', nothing, true], ['2036-03-14', nothing, false]],
  ['age-65-and-over', ['03-02', is({ age: 64 }), false], ['03-03', is({ age: 65 }), true], ['03-04', is({ age: '70' }), false]],
  ['speaks-german', ['03-02', is({ locale: 'de-AT' }), true], ['03-03', is({ locale: 'den' }), false], ['03-04', is({ locale: 'de' }), true]],
  ['looks-at-shoes', ['03-02', viewed('shoes'), false], ['03-03', viewed('shoes'), false], ['03-04', viewed('hats'), false], ['03-05', viewed('shoes'), true], ['03-31 23:59', nothing, true], ['04-01', nothing, false]],
  ['favours-shoes', ['03-02', viewed('shoes'), true], ['03-03', viewed('hats'), false], ['03-04', viewed('shoes'), true], ['05-30 23:59', nothing, true], ['05-31', nothing, true], ['06-01', nothing, true], ['06-02', nothing, false]],
  ['new-to-shoes', ['03-02', viewed('hats'), false], ['03-03', viewed('shoes'), true], ['03-04', viewed('hats'), false], ['03-05', viewed('shoes'), true], ['06-02 23:59', nothing, true], ['06-03', nothing, false]],
  ['buys-shoes', ['03-02', ordered(10, 'shoes', 'hats'), false], ['03-03', ordered(10, 'hats'), false], ['03-04', ordered(10, 'shoes'), true], ['08-28 23:59', nothing, true], ['08-29', nothing, false]],
  ['first-time-buyers', ['03-02', did('Signed Up'), false], ['03-03', ordered(10), true], ['12-24', nothing, true], ['12-25', ordered(10), false]],
  ['repeat-buyers', ['03-02', ordered(10), false], ['12-25', ordered(10), true], ['2028-01-01', nothing, true]],
  ['frequent-buyers', ['03-02', ordered(10), false], ['03-03', ordered(10), false], ['03-04', ordered(10), true], ['03-31 23:59', nothing, true], ['04-01', nothing, false]],
  ['big-spenders', ['03-02', ordered(300), false], ['03-20', ordered(199.99), false], ['03-21', ordered(0.01), true], ['05-30 23:59', nothing, true], ['05-31', nothing, false]],
  ['large-orders', ['03-02', ordered(150), false], ['03-03', ordered(50), true], ['03-04', ordered(99), false]],
  ['machine-without-beans', ['03-02', ordered(300, 'coffee machines'), true], ['03-03', ordered(9, 'tea'), true], ['03-04', ordered(9, 'coffee beans', 'tea'), false]],
  ['lapsed-buyers', ['03-02', ordered(10), false], ['04-30 23:59', nothing, false], ['05-01', nothing, true], ['05-02', ordered(10), false]],
  ['cart-left', ['03-02 10:00', added, false], ['03-02 10:59', nothing, false], ['03-02 11:00', nothing, true], ['03-02 12:00', added, false], ['03-02 13:00', nothing, true], ['03-02 14:00', ordered(10), false], ['03-06 10:00', added, false], ['03-06 11:00', nothing, true], ['03-09 10:00', nothing, false]],
  ['unfinished-registration', ['03-02 10:00', did('Registration Started'), false], ['03-02 11:00', nothing, true], ['03-09 10:00', nothing, false], ['03-10 10:00', did('Registration Started'), false], ['03-10 11:00', nothing, true], ['03-10 12:00', did('Signed Up'), false]],
  ['browsed-not-bought', ['03-02 10:00', viewed('hats'), false], ['03-02 10:01', viewed('hats'), false], ['03-02 10:02', viewed('hats'), true], ['03-09 10:02', nothing, false], ['03-10', viewed('hats'), false], ['03-10 01:00', viewed('hats'), false], ['03-10 02:00', added, false], ['03-10 03:00', viewed('hats'), false], ['03-10 04:00', viewed('hats'), false], ['03-10 05:00', viewed('hats'), true], ['03-10 06:00', ordered(10), false]],
  ['inactive-30-days', ['03-02', is({ plan: 'free' }), false], ['03-03', did('Signed Up'), false], ['03-10', viewed('hats'), false], ['04-08 23:59', nothing, false], ['04-09', nothing, true], ['04-10', added, false], ['05-10', nothing, true]],
  ['birthday-in-3-days', ['03-02', is({ birthday: '1990-03-10' }, { timezone: 'America/New_York' }), false], ['03-07 04:59', nothing, false], ['03-07 05:00', nothing, true], ['03-08 05:00', nothing, false], ['2027-03-07 05:00', nothing, true]],
  ['near-the-store', ['03-02', away, false], ['03-03', atHome, true], ['04-03', nothing, true], ['04-04', viewed('hats'), true], ['04-05', away, false]],
  ['came-to-the-store', ['03-02 10:00', inStore, false], ['03-02 12:00', atCorner, false], ['03-02 12:05', inStore, true], ['03-02 12:30', atHome, true], ['03-02 13:04:59', nothing, true], ['03-02 13:05', nothing, false], ['03-09 09:00', away, false], ['03-09 11:00', inStore, true], ['03-09 11:01', inStore, true], ['03-09 12:01', nothing, false]],
  ['left-without-order', ['03-02 10:00', atHome, false], ['03-02 11:00', inStore, false], ['03-02 11:20', atCorner, true], ['03-02 12:00', ordered(10), false], ['03-03 11:19:59', nothing, false], ['03-03 11:20', nothing, false], ['03-04 10:00', inStore, false], ['03-04 10:30', atCorner, true], ['03-05 10:29', nothing, true], ['03-05 10:30', nothing, false]],
  ['stage-prospect', ['03-02', did('Signed Up'), true], ['2027-03-02', nothing, true], ['2027-03-03', ordered(10), false]],
  ['stage-new', ['03-02', ordered(10), true], ['03-15 23:59', nothing, true], ['03-16', nothing, false], ['03-17', ordered(10), false]],
  ['stage-active', ['03-02', ordered(10), false], ['03-16', nothing, true], ['04-01', nothing, false], ['04-02', ordered(10), true]],
  ['stage-at-risk', ['03-02', ordered(10), false], ['03-31 23:59', nothing, false], ['04-01', nothing, true], ['04-02', ordered(10), false], ['05-02', nothing, true], ['06-01', nothing, false]],
  ['stage-lapsed', ['03-02', ordered(10), false], ['05-01', nothing, true], ['2027-05-01', nothing, true], ['2027-05-02', ordered(10), false]],
  ['stage-won-back', ['03-02', ordered(10), false], ['05-02', ordered(10), true], ['05-10', ordered(10), false], ['08-01', ordered(10), true], ['08-30 23:59', nothing, true], ['08-31', nothing, false]],
  ['email-engaged', ['03-02', mail('delivered', 'm1'), false], ['03-03', mail('opened', 'm1'), true], ['04-01 23:59', nothing, true], ['04-02', nothing, false], ['04-03', mail('clicked', 'm1'), true]],
  ['email-unengaged', ['03-02', mail('delivered', 'm1'), false], ['03-03', mail('delivered', 'm2'), false], ['03-03', mail('delivered', 'm2'), false], ['03-04', mail('delivered', 'm3'), true], ['03-05', mail('opened', 'm3'), false]],
  ['rfm-recent', ['03-02', ordered(10), true], ['04-01', nothing, false]],
  ['rfm-frequent', ['03-02', ordered(10), false], ['04-02', ordered(10), false], ['05-02', ordered(10), false], ['06-02', ordered(10), false], ['07-02', ordered(10), true], ['2027-03-01', nothing, true], ['2027-03-03', nothing, false]],
  ['rfm-valuable', ['03-02', ordered(999), false], ['09-02', ordered(1), true], ['2027-03-01', nothing, true], ['2027-03-03', nothing, false]],
  ['rfm-best', ['03-02', ordered(250), false], ['03-03', ordered(250), false], ['03-04', ordered(250), false], ['03-05', ordered(250), false], ['03-06', ordered(250), true], ['04-05', nothing, false], ['04-06', ordered(1), true]],
  ['rfm-slipping', ['03-02', ordered(250), false], ['03-03', ordered(250), false], ['03-04', ordered(250), false], ['03-05', ordered(250), false], ['03-06', ordered(250), false], ['04-05', nothing, true], ['04-06', ordered(1), false]],
]; // prettier-ignore

describe('the segments of the shop', () => {
  it.each(stories)('%s', (segment, ...scenes) => {
    const story = new Story(segments);
    const seen = scenes.map(([when, what]) => {
      if (what === null) story.until(instant(when));
      else story.hear(instant(when), what);
      return [when, story.memberships.includes(segment)];
    });
    expect(seen).toEqual(scenes.map(([when, , isIn]) => [when, isIn]));
  });

  it('have a story each', () => {
    expect([...stories.map(([segment]) => segment), 'holdout'].toSorted()).toEqual(shop.segments.map(({ id }) => id));
  });

  it('say in plain words what they are', () => {
    expect(shop.segments.filter(({ name, description }) => !name || !description?.endsWith('.'))).toEqual([]);
    expect(new Set(shop.segments.map(({ name }) => name)).size).toBe(shop.segments.length);
  });

  it('leave the same tenth of all people out, whatever they do', () => {
    const people = Array.from({ length: 2_000 }, (_, index) => new Story(segments, `person-${index}`).hear(instant('03-02'), did('Signed Up')));
    const heldOut = () => people.map(({ memberships }) => memberships.includes('holdout'));
    const before = heldOut();
    expect(before.filter(Boolean).length).toBeGreaterThan(140);
    expect(before.filter(Boolean).length).toBeLessThan(260);
    for (const person of people) person.hear(instant('04-02'), ordered(10)).until(instant('06-02'));
    expect(heldOut()).toEqual(before);
  });
});

/** The first months of one customer: the day, what happens on it, and every segment they are in at its end. */
const months: readonly (readonly [day: string, what: readonly Happening[], memberships: readonly string[]])[] = [
  ['01-05', [is({ birthday: '1996-06-01', locale: 'de-DE' }), did('Registration Started')], ['age-25-to-34', 'speaks-german', 'stage-prospect', 'unfinished-registration']],
  ['01-06', [did('Signed Up')], ['age-25-to-34', 'speaks-german', 'stage-prospect']],
  ['01-07', [viewed('shoes'), viewed('shoes'), viewed('shoes')], ['age-25-to-34', 'browsed-not-bought', 'favours-shoes', 'looks-at-shoes', 'speaks-german', 'stage-prospect']],
  ['01-08', [added], ['age-25-to-34', 'browsed-not-bought', 'cart-left', 'favours-shoes', 'looks-at-shoes', 'speaks-german', 'stage-prospect']],
  ['01-09', [ordered(120, 'shoes')], ['age-25-to-34', 'favours-shoes', 'first-time-buyers', 'looks-at-shoes', 'rfm-recent', 'speaks-german', 'stage-new']],
  ['01-23', [], ['age-25-to-34', 'favours-shoes', 'first-time-buyers', 'looks-at-shoes', 'rfm-recent', 'speaks-german', 'stage-active']],
  ['02-08', [], ['age-25-to-34', 'favours-shoes', 'first-time-buyers', 'inactive-30-days', 'speaks-german', 'stage-at-risk']],
  ['03-01', [mail('delivered', 'm1'), mail('opened', 'm1')], ['age-25-to-34', 'email-engaged', 'favours-shoes', 'first-time-buyers', 'inactive-30-days', 'speaks-german', 'stage-at-risk']],
  ['03-10', [], ['age-25-to-34', 'email-engaged', 'favours-shoes', 'first-time-buyers', 'inactive-30-days', 'lapsed-buyers', 'speaks-german', 'stage-lapsed']],
  ['03-20', [ordered(400, 'coffee machines')], ['age-25-to-34', 'big-spenders', 'email-engaged', 'favours-shoes', 'large-orders', 'machine-without-beans', 'repeat-buyers', 'rfm-recent', 'speaks-german', 'stage-won-back']],
  ['03-25', [ordered(20, 'coffee beans')], ['age-25-to-34', 'big-spenders', 'email-engaged', 'favours-shoes', 'large-orders', 'repeat-buyers', 'rfm-recent', 'speaks-german', 'stage-active']],
  ['03-26', [ordered(280, 'hats', 'shoes')], ['age-25-to-34', 'big-spenders', 'buys-shoes', 'email-engaged', 'favours-shoes', 'frequent-buyers', 'large-orders', 'repeat-buyers', 'rfm-recent', 'speaks-german', 'stage-active']],
  ['03-31', [ordered(200, 'hats')], ['age-25-to-34', 'big-spenders', 'buys-shoes', 'favours-shoes', 'frequent-buyers', 'large-orders', 'repeat-buyers', 'rfm-best', 'rfm-frequent', 'rfm-recent', 'rfm-valuable', 'speaks-german', 'stage-active']],
  ['05-01', [], ['age-25-to-34', 'big-spenders', 'buys-shoes', 'inactive-30-days', 'large-orders', 'repeat-buyers', 'rfm-frequent', 'rfm-slipping', 'rfm-valuable', 'speaks-german', 'stage-at-risk']],
  ['05-29', [], ['age-25-to-34', 'big-spenders', 'birthday-in-3-days', 'buys-shoes', 'inactive-30-days', 'large-orders', 'repeat-buyers', 'rfm-frequent', 'rfm-slipping', 'rfm-valuable', 'speaks-german', 'stage-at-risk']],
  ['05-30', [], ['age-25-to-34', 'big-spenders', 'buys-shoes', 'inactive-30-days', 'lapsed-buyers', 'large-orders', 'repeat-buyers', 'rfm-frequent', 'rfm-slipping', 'rfm-valuable', 'speaks-german', 'stage-lapsed']],
]; // prettier-ignore

/** The text of an e-mail as it would go out at a moment. */
function mailOf(template: string, story: Story, now: number, properties: object = {}): string {
  const definition = shop.templates.find(({ id }) => id === template);
  const made = definition && compileTemplate(definition);
  const mailed = made?.ok === true ? made.template.email?.({ profile: { computed: story.computedAt(now) }, event: { properties } }) : undefined;
  if (mailed?.kind !== 'rendered') throw new Error(`${template} cannot be filled`);
  return mailed.content.text;
}

it('names in its e-mails what they like and looked at last, late events in their place, while that is known', () => {
  const story = new Story(segments);
  const views = (category: string, name: string) => did('Product Viewed', { category, name });
  story.hear(instant('03-02'), views('hats', 'Straw hat')).hear(instant('03-03'), views('shoes', 'Sandals'));
  story.hear(instant('03-04'), views('shoes', 'Boots'), 3 * 86_400_000);
  expect(story.computedAt(instant('03-04'))).toMatchObject({ 'came-for': 'shoes', 'favourite-category': 'shoes', 'last-viewed': 'Sandals' });
  expect(mailOf('welcome', story, instant('03-04'))).toContain('See what is new in shoes: https://shop.example/new');
  expect(mailOf('cart-last-call', story, instant('03-04'), { name: 'Gloves' })).toContain('The last thing you looked at was Sandals.');
  expect(mailOf('cart-last-call', story, instant('03-04'), { name: 'Sandals' })).not.toContain('looked at');
  expect(story.until(instant('06-01')).computedAt(instant('06-01'))).not.toHaveProperty('last-viewed');
  expect(mailOf('welcome', story, instant('06-02'))).toContain('See what is new: https://shop.example/new');
});

it('a customer, from the first visit to the second time they lapse', () => {
  const story = new Story(segments);
  const seen = months.map(([day, what]) => {
    what.forEach((happening, index) => story.hear(instant(`${day} 09:0${index}`), happening));
    return [day, story.until(instant(`${day} 23:59`)).memberships.filter((id) => id !== 'holdout')];
  });
  expect(seen).toEqual(months.map(([day, , memberships]) => [day, memberships]));
  // To the millisecond, though nobody did anything.
  expect(story.byTimeAlone).toContainEqual(
    expect.objectContaining({ at: instant('01-23 09:00'), before: expect.arrayContaining(['stage-new']), after: expect.arrayContaining(['stage-active']) }),
  );
});
