import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PersonSignIns, SignInList } from '../../api/sign-ins.ts';
import type { DomainEvent } from '../../events/index.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import type { Browser } from './browser.ts';
import { newKey } from './proofs.ts';
import { type Known, SessionWorld } from './session-world.ts';

const MINUTE = 60_000;
let world: SessionWorld;
let customers = 0;

beforeAll(async () => {
  world = await SessionWorld.open();
});
afterAll(() => world.close());

interface Customer {
  readonly account: string;
  readonly known: Known;
}

/** Each test has its own. */
async function customer(): Promise<Customer> {
  customers += 1;
  const account = `account-1000${customers}`;
  return { account, known: await world.known(`carla-${customers}`, { kind: 'customer', account }) };
}

const month = () => new Date(world.clock.now()).toISOString().slice(0, 7);
const signedIn = ({ known }: Customer) => world.signedIn('portal', known);
const listOf = async (browser: Browser) => SignInList.parse(JSON.parse((await browser.call('GET', '/v1/sign-ins')).text));

const streams = async () => (await Array.fromAsync(world.platform.as('auditor').events.streams('sign-in/'))).sort();

/** Of every month: a test may begin in one and end in the next. */
async function recorded(owner: string): Promise<readonly DomainEvent[]> {
  const { events } = world.platform.as('auditor');
  const found: DomainEvent[] = [];
  for (const stream of (await streams()).filter((one) => one.endsWith(`/${owner}`)))
    for await (const commit of events.read(stream)) found.push(...commit.events);
  return found;
}

/** Somebody at the provider's page who knows a name and no passphrase. */
async function guess(name: string, times: number) {
  const browser = await world.browser();
  const { place } = await browser.ask();
  const shapes: object[] = [];
  for (let n = 0; n < times; n++) {
    const { status, text, headers } = await browser.passphrase(place, { name, passphrase: `guess-${n}` });
    const { date: _, ...told } = headers;
    // Each sign-in that is open has an address of its own.
    shapes.push({ status, told, text: text.replaceAll(place, 'place') });
  }
  return shapes;
}

describe('who signed in as a customer', () => {
  it('T8.3-3, C10.2-2: is on record, and shown to the customer with what came of it, the newest first', async () => {
    const carla = await customer();
    const here = await signedIn(carla);
    world.clock.advance(MINUTE);
    const [left, ended] = [await signedIn(carla), await signedIn(carla)];
    await left.call('DELETE', '/v1/session');
    await here.call('DELETE', `/v1/sessions/${ended.session!.session}`);
    // Whoever ends what has ended ends nothing.
    await here.call('DELETE', `/v1/sessions/${ended.session!.session}`);
    const { signIns, refusedSince } = await listOf(here);
    expect(refusedSince).toBe(0);
    const shown = new Map(signIns.map((one) => [one.session, one]));
    expect(shown.get(here.session!.session)).toMatchObject({ current: true, state: 'open', why: null, device: 'Firefox on Linux' });
    expect(shown.get(left.session!.session)).toMatchObject({ current: false, state: 'ended', why: 'signed-out', method: 'passphrase' });
    expect(shown.get(ended.session!.session)).toMatchObject({ state: 'ended', why: 'ended-by-person' });
    expect(signIns.map(({ session }) => session).at(-1)).toBe(here.session!.session);
    expect((await recorded(`customer.${carla.account}`)).map(({ type }) => type)).toEqual([
      ...['SessionStarted', 'SessionStarted', 'SessionStarted', 'SessionEnded', 'SessionEnded'],
    ]);
  });

  it('C10.2-2: is shown to nobody else', async () => {
    const [carla, dora] = [await customer(), await customer()];
    const [here, stranger] = [await signedIn(carla), await signedIn(dora)];
    expect((await listOf(stranger)).signIns.map(({ session }) => session)).toEqual([stranger.session!.session]);
    expect((await listOf(here)).signIns.map(({ session }) => session)).toEqual([here.session!.session]);
  });

  it('is over by itself when nobody ended it, and is said so', async () => {
    const carla = await customer();
    const first = await signedIn(carla);
    const start = world.clock.now();
    try {
      world.clock.set(start + 13 * 60 * MINUTE);
      const { signIns } = await listOf(await signedIn(carla));
      expect(signIns.map(({ state, why, endedAt }) => [state, why, endedAt])).toEqual([
        ['open', null, null],
        ['over', null, first.session!.endsAt],
      ]);
    } finally {
      world.clock.set(start);
    }
  });
});

describe('who was refused', () => {
  it('R9.2-3, T8.3-3: guesses at a customer’s name are told to the customer, in one event at once and one for the rest of ten minutes', async () => {
    const carla = await customer();
    await guess(carla.known.name, 7);
    const stream = `customer.${carla.account}`;
    const here = await signedIn(carla);
    const { signIns, refusedSince } = await listOf(here);
    expect([signIns[0]!.refusedBefore, refusedSince]).toEqual([7, 0]);
    const counts = (await recorded(stream)).flatMap((event) => (event.type === 'SignInsRefused' ? [event.data.count] : []));
    expect(counts).toEqual([1, 6]);
    await guess(carla.known.name, 3);
    expect((await listOf(here)).refusedSince).toBe(3);
    const [, , , last] = await recorded(stream);
    expect(last).toMatchObject({ type: 'SignInsRefused', data: { count: 3, reasons: { passphrase: 3 } } });
  });

  it('T8.3-3: names that are nobody’s make no streams, however many are tried', async () => {
    const before = await streams();
    const months = [month()];
    for (let n = 0; n < 12; n++) await guess(`nobody-${n}`, 1);
    const auditor = await world.signedIn('console', await world.known('ada', { kind: 'person', role: 'auditor' }));
    if (!months.includes(month())) months.push(month());
    const unknown: PersonSignIns['refused'] = [];
    for (const of of months) {
      // A proof names the address without what is asked of it.
      const htu = `${auditor.origin}/v1/console/sign-ins`;
      const { text } = await auditor.call('GET', `/v1/console/sign-ins?month=${of}`, { htu });
      const { refused } = PersonSignIns.parse(JSON.parse(text));
      unknown.push(...refused.filter(({ person }) => person === null));
    }
    expect(unknown.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(12);
    const after = await streams();
    const more = after.filter((stream) => !before.includes(stream) && !/\/(unknown|person\.ada)$/.test(stream));
    expect([more, after.some((stream) => stream.endsWith('/unknown'))]).toEqual([[], true]);
  });

  it('R9.2-3: the page says the same of a name that is somebody’s and of one that is nobody’s', async () => {
    const carla = await customer();
    expect(await guess(carla.known.name, 2)).toEqual(await guess('nobody-knows', 2));
  });

  it('R9.2-3: an ID token shown twice, or with another key, is told to its customer; one that nobody signed to nobody', async () => {
    const carla = await customer();
    const browser = await world.browser();
    const token = await browser.idToken(carla.known);
    const answers = [
      await browser.begin(token, {}, newKey()),
      await browser.begin(token),
      await browser.begin(token),
      await browser.begin(`${token}x`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 401, 401]);
    browser.session = JSON.parse(answers[1]!.text);
    expect(await listOf(browser)).toMatchObject({ signIns: [{ refusedBefore: 1 }], refusedSince: 1 });
    const reasons = (await recorded(`customer.${carla.account}`)).flatMap((event) =>
      event.type === 'SignInsRefused' ? Object.keys(event.data.reasons) : [],
    );
    expect(reasons).toEqual(['proof-other-key', 'id-token-used']);
  });

  it('C10.3-3: nothing of a customer who was barred is recorded with the customer', async () => {
    const carla = await customer();
    const browser = await world.browser();
    const token = await browser.idToken(carla.known);
    await new Sessions({ ...world.platform.as('erasure'), wall: world.clock }).bar({ role: 'customer', person: carla.account });
    expect((await browser.begin(token, {}, newKey())).status).toBe(401);
    expect((await browser.begin(token)).status).toBe(401);
    expect(await recorded(`customer.${carla.account}`)).toEqual([]);
  });
});

describe('who signed in at the console', () => {
  it('C10.2-2: is shown to auditors and security officers alone, with who ended what', async () => {
    const olga = await world.signedIn('console', await world.known('olga', { kind: 'person', role: 'operator' }));
    const sid = await world.signedIn('console', await world.known('sid', { kind: 'person', role: 'security-officer' }));
    expect((await olga.call('GET', '/v1/console/sign-ins')).status).toBe(403);
    const path = '/v1/console/sessions/end';
    const headers = await sid.headers('POST', path);
    await world.send(sid.origin + path, { method: 'POST', json: { person: 'olga', customer: false }, headers });
    const answered = await sid.call('GET', '/v1/console/sign-ins');
    expect(answered.status).toBe(200);
    const { signIns } = PersonSignIns.parse(JSON.parse(answered.text));
    expect(signIns.find(({ person }) => person === 'olga')).toMatchObject({
      role: 'operator',
      state: 'ended',
      why: 'withdrawn',
      by: 'sid',
    });
    expect(signIns.find(({ person }) => person === 'sid')).toMatchObject({ role: 'security-officer', state: 'open', by: null });
    expect(signIns.some(({ role }) => role === 'customer')).toBe(false);
  });

  it('R9.2-3: whoever was removed at the provider is said to be, when the session is to go on', async () => {
    const peter = await world.signedIn('console', await world.known('peter', { kind: 'person', role: 'operator' }));
    const start = world.clock.now();
    try {
      world.clock.set(start + 9 * MINUTE);
      peter.session = JSON.parse((await peter.call('POST', '/v1/console/session/renewal')).text);
      world.platform.identity.remove('peter');
      world.clock.set(start + 11 * MINUTE);
      expect((await peter.call('POST', '/v1/console/session/renewal')).status).toBe(401);
      expect((await recorded('person.peter')).at(-1)).toMatchObject({ type: 'SessionEnded', data: { why: 'person-removed' } });
    } finally {
      world.clock.set(start);
    }
  });
});
