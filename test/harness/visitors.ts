import type { Call } from './sender.js';

/** Somebody who goes by several ids, in the end by one. */
export interface Visitor {
  /** The id that is left. */
  readonly id: string;
  readonly otherIds: readonly string[];
  /** Calls in the order in which they happened. In whichever order they come, the visitor ends up the same. */
  readonly calls: readonly Call[];
}

/** Two people who use one device: it may be either's, and never both's. */
export interface Strangers {
  readonly users: readonly [string, string];
  readonly device: string;
  readonly calls: readonly Call[];
}

/** How often each of them does what they are counted for. */
export const visits = 3;

interface Who {
  readonly userId?: string;
  readonly anonymousId?: string;
}
type Said = Readonly<Record<string, unknown>>;

const visited = (who: Who): Said => ({ type: 'track', event: 'Visited', ...who });
const filled = (who: Who, cart: string): Said => ({ type: 'track', event: 'Cart Filled', properties: { cart }, ...who });
const curious = (anonymousId: string): Said => ({ type: 'identify', anonymousId, traits: { plan: 'free', from: 'ad' } });
const linked = (userId: string, anonymousId: string): Said => ({ type: 'identify', userId, anonymousId });
const alias = (userId: string, previousId: string): Said => ({ type: 'alias', userId, previousId });
const known = (userId: string): Said => ({ type: 'identify', userId, traits: { plan: 'pro' }, context: { device: { id: 'phone', type: 'android', token: userId } } });

const anonymous = (id: string): string => `anonymous:${id}`;

type Way = (id: string) => { readonly otherIds: readonly string[]; readonly said: readonly Said[] };

const ways: readonly Way[] = [
  // Came first, was known later.
  (id) => {
    const web = { anonymousId: `${id}-web` };
    const said = [curious(web.anonymousId), visited(web), visited(web), filled(web, id), { ...known(id), ...web }, visited({ userId: id })];
    return { otherIds: [anonymous(web.anonymousId)], said };
  },
  // Was known first, and filled the same cart here and there.
  (id) => {
    const web = { anonymousId: `${id}-web` };
    const said = [known(id), visited({ userId: id }), filled({ userId: id }, id), visited(web), filled(web, id), visited({ userId: id, ...web })];
    return { otherIds: [anonymous(web.anonymousId)], said };
  },
  // Changed their user id twice.
  (id) => {
    const [web, first, second] = [`${id}-web`, `${id}-first`, `${id}-second`] as const;
    const said = [
      visited({ anonymousId: web }), filled({ anonymousId: web }, id), linked(first, web), visited({ userId: first }), alias(second, first), visited({ userId: second }), alias(id, second), known(id),
    ]; // prettier-ignore
    return { otherIds: [anonymous(web), first, second], said };
  },
  // Came from two devices.
  (id) => {
    const [web, tablet] = [`${id}-web`, `${id}-tablet`] as const;
    const said = [curious(web), visited({ anonymousId: web }), filled({ anonymousId: web }, id), visited({ anonymousId: tablet }), linked(id, web), known(id), linked(id, tablet), visited({ userId: id })];
    return { otherIds: [anonymous(web), anonymous(tablet)], said };
  },
];

const numbered = (id: string, said: readonly Said[]): readonly Call[] => said.map((call, index) => ({ ...call, messageId: `${id}/${index}` }));

/** Says something more with every call, as a trait or a property. */
const noting = (call: Said, note: string): Said => {
  const place = call['type'] === 'identify' ? 'traits' : 'properties';
  return { ...call, [place]: { ...(call[place] as object | undefined), note } };
};

/** So many visitors, of all kinds in turn; the cart that each fills has the visitor's id. A note is in everything they say. */
export const visitorsOf = (prefix: string, count: number, note?: string): readonly Visitor[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `${prefix}-${index}`;
    const { otherIds, said } = (ways[index % ways.length] as Way)(id);
    return { id, otherIds, calls: numbered(id, note === undefined ? said : said.map((call) => noting(call, note))) };
  });

/** So many pairs of strangers; the cart that was filled on the device they share has its id. */
export const strangersOf = (prefix: string, count: number): readonly Strangers[] =>
  Array.from({ length: count }, (_, index) => {
    const device = `${prefix}-${index}`;
    const users = [`${device}-one`, `${device}-two`] as const;
    const own = users.flatMap((userId) => [known(userId), ...Array.from({ length: visits }, () => visited({ userId })), linked(userId, device)]);
    return { users, device: anonymous(device), calls: numbered(device, [filled({ anonymousId: device }, device), ...own]) };
  });

/** What a visitor does when everything is known: it ends the wait of the one run that there is, and a push follows. */
export const ordered = (userId: string, cart: string): Call => ({ type: 'track', event: 'Cart Ordered', userId, properties: { cart }, messageId: `${cart}/ordered` });
