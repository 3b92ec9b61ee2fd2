import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { AccessProjection } from '../../lambdas/project/access-projection.ts';
import { accessTables } from '../../lambdas/project/tables.ts';
import { type OpenApiDocument, type Operation, openApiDocument } from '../../tools/openapi.ts';
import { CUSTOMER } from '../../topology/route.ts';
import { PERIOD } from '../billing/closed-homes.ts';
import { MINUTE, startLog } from '../log/logged-state.ts';
import { cookieOf } from '../support/cookie-jar.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { Answered } from '../support/exchange.ts';
import { signedIn } from '../support/signed-in.ts';
import { jsonOf, newPkce, PartyWorld } from '../third-party/party-world.ts';

/** Whatever names something of a customer's, by the name it has in paths. */
type Ids = Readonly<Record<string, string>>;

interface Customer {
  readonly account: string;
  readonly ids: Ids;
  readonly jar: ReadonlyMap<string, string>;
}

interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Where somebody can put an id that is not theirs. */
const PLACES = ['path', 'query', 'body', 'header', 'cursor'] as const;
const NEVER: Ids = {
  ...{ account: 'acc-home-9', usagePoint: 'home-9', bill: `home-9.${PERIOD.from}`, consent: `c${'x'.repeat(31)}` },
  ...{ uid: 'u'.repeat(43), session: 's'.repeat(32) },
};
/** What a route wants besides ids. */
const QUERY: Readonly<Record<string, string>> = {
  resolution: 'day',
  from: '2026-10-24',
  until: '2026-10-27',
  month: '2026-10',
  form: 'csv',
};
const BODIES: Readonly<Record<string, object>> = { answerConsent: { decision: 'deny' } };
/** Work on the session of a real sign-in, of which there is none here; what they answer to their own is held in test/session. To end what is none is no fault there. */
const OF_SESSIONS: ReadonlySet<string> = new Set(['renewSession', 'endSession', 'listSessions', 'listSignIns', 'endOtherSession']);
/** Headers in which services behind a gateway are wont to be told who calls. */
const HEADERS = [
  'x-account',
  'x-user-id',
  'x-forwarded-user',
  'x-customer',
  'x-amzn-oidc-identity',
  'x-original-url',
  'x-usage-point',
  'from',
];

let world: PartyWorld;
let ann: Customer;
let bob: Customer;
beforeAll(async () => {
  world = await PartyWorld.open({ homes: true });
  const party = await world.party('watt-advice');
  [ann, bob] = [await customer('home-1'), await customer('home-2')];
  await logEverything();

  async function customer(usagePoint: string): Promise<Customer> {
    const account = `acc-${usagePoint}`;
    const sources = await openBilling(world.platform.as('billing'), [account], PERIOD);
    await billPeriod(sources, { account, usagePoint, ...PERIOD });
    const { request_uri: uri } = jsonOf(await world.push(party, newPkce())) as { request_uri: string };
    const jar = new Map<string, string>();
    const uid = (await world.asked(jar, 'watt-advice', uri)).split('/').at(-1)!;
    await lookedAt(account);
    const ids = { account, usagePoint, bill: `${usagePoint}.${PERIOD.from}`, consent: await consentOf(account), uid };
    return { account, ids: { ...ids, session: `session-of-${account}-0123456789` }, jar };
  }
}, 60_000);
afterAll(() => world.close());

/** What was committed gets its place in the log, as the minute after. */
async function logEverything(): Promise<void> {
  await startLog(world.platform);
  await world.platform.host.drain();
  world.clock.advance(MINUTE);
  await world.platform.host.runDue();
}

/** More looks than a page has. */
async function lookedAt(account: string): Promise<void> {
  const at = Date.parse('2026-10-25T12:00:00Z');
  const data = { principal: 'editing', purpose: 'editing', from: at, until: at + 1, subjects: [account], at } as const;
  const project = world.platform.as('project');
  const stream = `access/2026-10-25.${account}`;
  const looks = Array.from({ length: 300 }, () => ({ type: 'DataAccessed' as const, data }));
  await project.events.append(await project.events.head(stream), { commitId: Buffer.alloc(32), events: looks }).durable;
  await new AccessProjection(project, accessTables(project.models)).follow(stream, Number.POSITIVE_INFINITY);
}

async function consentOf(account: string): Promise<string> {
  const at = world.clock.now();
  const scope = {
    dataClasses: ['usage'],
    resolution: 'day',
    from: at - 86_400_000,
    until: at + 86_400_000,
    expiresAt: at + 86_400_000,
  } as const;
  const wish = { recipient: 'watt-advice', purpose: 'efficiency', textHash: 'a'.repeat(64), ...scope } as const;
  return await new Consents(world.platform.as('consent'), defencesUnderTest()).grant(
    { account, authTime: at, authMethod: 'passkey' },
    wish,
  );
}

/** Every operation of the document that customers may call. */
function customerOperations({ paths }: Pick<OpenApiDocument, 'paths'>): readonly Place[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { 'x-roles': roles }]) => roles.includes(CUSTOMER))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

const operations = customerOperations(openApiDocument());
const byName = operations.map((place) => [place.operation.operationId, place] as const);
/** What was tried, so that nothing is left out in silence. */
const tried = new Map<string, Set<string>>();

interface Request {
  readonly path?: Ids;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ann's request, with what takes the place of her own. */
async function asAnn(place: Place, changed: Request = {}, who: Customer = ann): Promise<Answered> {
  const { operationId, parameters, requestBody } = place.operation;
  const path = place.path.replace(/\{(\w+)\}/g, (_, name: string) => known({ ...who.ids, ...changed.path }, name, operationId));
  const wanted = parameters.filter((one) => one.in === 'query' && one.required).map(({ name }) => [name, known(QUERY, name, operationId)]);
  const query = new URLSearchParams({ ...Object.fromEntries(wanted), ...changed.query }).toString();
  const json = changed.body ?? (requestBody === undefined ? undefined : known(BODIES, operationId, operationId));
  const headers = { cookie: cookieOf(who.jar), ...signedIn(who.account, world.clock.now()), ...changed.headers };
  return await world.browse(`${path}${query === '' ? '' : `?${query}`}`, {
    method: place.method,
    headers,
    ...(json !== undefined && { json }),
  });
}

function known<Value>(table: Readonly<Record<string, Value>>, name: string, operation: string): Value {
  if (!Object.hasOwn(table, name)) throw new Error(`${operation}: the sweep knows nothing to put for ${name}`);
  return table[name]!;
}

/** What one answer can be told from another by. */
function seen({ status, headers, text }: Answered): unknown {
  const { date: _, 'x-request-id': id, ...rest } = headers;
  return { status, rest, text: text.replaceAll(String(id), '') };
}

/** The answer says of the other's what it says of what never was, and gives nothing of the other's away. */
async function expectAlike(place: Place, others: Request, never: Request, refused: boolean): Promise<void> {
  const [answered, unknown] = [await asAnn(place, others), await asAnn(place, never)];
  const what = `${place.operation.operationId} ${JSON.stringify(others)}`;
  expect(seen(answered), what).toEqual(seen(unknown));
  if (refused && !OF_SESSIONS.has(place.operation.operationId)) expect([400, 403, 404, 415], what).toContain(answered.status);
  const all = answered.text + JSON.stringify(answered.headers);
  for (const [name, id] of Object.entries(bob.ids)) expect(all.includes(id), `${what}: ${name} of the other`).toBe(false);
}

/** Under names of fields that no route has. */
function madeUp(ids: Ids): Readonly<Record<string, string>> {
  return { ...ids, person: ids['account']!, owner: ids['account']! };
}

function note(operation: string, place: (typeof PLACES)[number]): void {
  tried.set(operation, (tried.get(operation) ?? new Set()).add(place));
}

describe('what customers can call', () => {
  it('is something, and asks for a session', () => {
    expect(operations.length).toBeGreaterThanOrEqual(10);
    for (const { operation } of operations) expect(operation.security, operation.operationId).toEqual([{ session: [] }]);
  });

  it.each(byName)('%s answers to its own ids, so that a refusal below is one of the other’s', async (name, place) => {
    const { status, text } = await asAnn(place);
    if (OF_SESSIONS.has(name)) return expect(status).not.toBe(500);
    expect(status, text).toBe(200);
    const own = await asAnn(place, {}, bob);
    expect(own.status, own.text).toBe(200);
  });

  it.each(byName)('C10.2-2, R9.2-4, H2: %s: an id of the other in the path is as unknown as one that never was', async (name, place) => {
    const inPath = place.operation.parameters.filter((one) => one.in === 'path').map((one) => one.name);
    for (const parameter of inPath) {
      const of = (ids: Ids) => ({ path: { [parameter]: known(ids, parameter, name) } });
      await expectAlike(place, of(bob.ids), of(NEVER), true);
    }
    expect(inPath.length).toBe([...place.path.matchAll(/\{/g)].length);
    note(name, 'path');
  });

  it.each(byName)(
    'C10.2-2, H2: %s: an id of the other in the query changes nothing that one that never was does not',
    async (name, place) => {
      const declared = place.operation.parameters.filter((one) => one.in === 'query' && one.name !== 'cursor').map((one) => one.name);
      for (const parameter of declared)
        for (const [kind, id] of Object.entries(bob.ids))
          await expectAlike(place, { query: { [parameter]: id } }, { query: { [parameter]: NEVER[kind]! } }, true);
      await expectAlike(place, { query: madeUp(bob.ids) }, { query: madeUp(NEVER) }, true);
      note(name, 'query');
    },
  );

  it.each(byName)(
    'C10.2-2, H2: %s: an id of the other in the body changes nothing that one that never was does not',
    async (name, place) => {
      const base = place.operation.requestBody === undefined ? {} : known(BODIES, name, name);
      for (const member of Object.keys(base))
        for (const [kind, id] of Object.entries(bob.ids))
          await expectAlike(place, { body: { ...base, [member]: id } }, { body: { ...base, [member]: NEVER[kind]! } }, true);
      await expectAlike(place, { body: { ...base, ...madeUp(bob.ids) } }, { body: { ...base, ...madeUp(NEVER) } }, true);
      note(name, 'body');
    },
  );

  it.each(byName)('C10.2-2, H2: %s: an id of the other in a header is not looked at', async (name, place) => {
    const of = (ids: Ids) => ({ headers: Object.fromEntries(HEADERS.map((header, i) => [header, Object.values(ids)[i % 2]!])) });
    await expectAlike(place, of(bob.ids), of(NEVER), false);
    expect(seen(await asAnn(place, of(bob.ids)))).toEqual(seen(await asAnn(place)));
    note(name, 'header');
  });

  it.each(byName)('C10.2-2, R9.2-4, H2: %s: a cursor of the other leads nowhere', async (name, place) => {
    const takes = place.operation.parameters.some((one) => one.name === 'cursor');
    const given = takes ? Object.values(jsonOf(await asAnn(place, {}, bob))).filter((value) => typeof value === 'string') : [];
    if (takes) expect(given, `${name}: the other was given no cursor`).not.toEqual([]);
    const never = `${'x'.repeat(40)}.${'x'.repeat(22)}`;
    for (const [kind, cursor] of Object.entries(bob.ids))
      await expectAlike(place, { query: { cursor } }, { query: { cursor: takes ? NEVER[kind]! : never } }, true);
    for (const cursor of given) await expectAlike(place, { query: { cursor } }, { query: { cursor: never } }, true);
    note(name, 'cursor');
  });

  it('was tried as a whole: every operation, in every place', () => {
    const expected = Object.fromEntries(operations.map(({ operation }) => [operation.operationId, [...PLACES]]));
    expect(Object.fromEntries([...tried].map(([name, places]) => [name, [...places]]))).toEqual(expected);
  });
});
