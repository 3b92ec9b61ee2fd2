import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeysView, Overview, VerificationAsked, Verified } from '../../api/console.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { makeKeyDuties } from '../../lambdas/maintenance/key-duties.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { requestVerification } from '../../lambdas/shared/access/verification-requests.ts';
import { utcDate } from '../../lambdas/shared/days/utc-date.ts';
import { fingerprintOf } from '../../platform/doors/thing-check.ts';
import { scheduledEvent } from '../../platform/embedded/host/lambda-context.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { chainHash } from '../../platform/store/commit.ts';
import { GRANTS } from '../../topology/grants.ts';
import { KMS_KEYS } from '../../topology/keys.ts';
import { idOf } from '../contract/support/events.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { AT, collected, DAY, finalized, provisional } from '../project/day-facts.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';
import { ConsoleDoor } from './console-world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
let directory: string;
let clock: ManualClock;
let embedded: Embedded;
let door: ConsoleDoor;

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(AT);
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock, defences: defencesUnderTest(), timer: false });
  door = new ConsoleDoor((principal) => embedded.as(principal));
});
afterEach(async () => {
  await embedded.close();
  discard(directory);
});

async function recordDay(meterId: string): Promise<void> {
  const { events } = embedded.as('close-day');
  const subject = { of: 'usage', subject: 'anna', month: DAY.slice(0, 7) } as const;
  for (const event of [collected(), provisional(1), finalized(2)]) {
    const head = await events.head(`meterday/${meterId}/${DAY}`, subject);
    await events.append(head, { commitId: idOf(`${meterId} ${head.version}`), events: [event], subject }).durable;
  }
}

/** Changes one byte of a commit in the file, with the hash that a careful forger would write. */
function alter(stream: string, version: number): void {
  const database = new DatabaseSync(join(directory, 'events.db'));
  const row = database.prepare('SELECT envelope, tag, body FROM commits WHERE stream = ? AND version = ?').get(stream, version);
  const { envelope, tag, body } = row as Record<'envelope' | 'tag' | 'body', Uint8Array>;
  body[0]! ^= 1;
  const hash = chainHash({ envelope: Buffer.from(envelope), tag: Buffer.from(tag), body: Buffer.from(body) });
  const { changes } = database
    .prepare('UPDATE commits SET body = ?, hash = ? WHERE stream = ? AND version = ?')
    .run(body, hash, stream, version);
  database.close();
  expect(changes).toBe(1);
}

const askFor = async (as = 'ann') => await door.ask<VerificationAsked>('askVerification', { as });
const verify = async (prefix: string, cursor?: string, as = 'ann') =>
  await door.ask<Verified>('verifyStreams', { as, body: { prefix, ...(cursor === undefined ? {} : { cursor }) } });

describe('verification from the console', () => {
  it('G1, C10.1-7: goes through a family of streams a piece at a time, for whoever began', async () => {
    for (let i = 0; i < 230; i++) await recordDay(`m${String(i).padStart(3, '0')}`);
    await askFor();
    await askFor('bob');
    const first = (await verify('meterday/')).body;
    expect(first).toMatchObject({ streams: 200, commits: 600, sealed: 0, faults: [] });
    expect((await verify('meterday/', first.cursor!)).body).toEqual({ streams: 30, commits: 90, sealed: 0, faults: [] });
    expect((await verify('meterday/', first.cursor!, 'bob')).status).toBe(400);
    expect((await verify('meterday/m', first.cursor!)).status).toBe(400);
    expect((await verify('nowhere/')).status).toBe(400);
    expect((await verify('meterday/m00')).body).toMatchObject({ streams: 10, commits: 30 });
  });

  it('G1, C10.1-7: names what was altered, and its last commit as well', async () => {
    for (const meterId of ['m1', 'm2', 'm3']) await recordDay(meterId);
    await askFor();
    expect((await verify('meterday/')).body.faults).toEqual([]);
    alter(`meterday/m2/${DAY}`, 0);
    alter(`meterday/m3/${DAY}`, 2);
    expect((await verify('meterday/')).body.faults).toEqual([
      { stream: `meterday/m2/${DAY}`, version: 0, fault: 'altered' },
      { stream: `meterday/m3/${DAY}`, version: 2, fault: 'altered' },
    ]);
  });

  it('R9.1-3: what is erased is checked by its chain alone', async () => {
    await recordDay('m1');
    const archive = embedded.as('archive').keys;
    for (const { id } of await archive.list('usage/anna/')) await archive.destroy(id);
    await askFor();
    expect((await verify('meterday/')).body).toEqual({ streams: 1, commits: 3, sealed: 3, faults: [] });
    alter(`meterday/m1/${DAY}`, 0);
    expect((await verify('meterday/')).body.faults).toEqual([{ stream: `meterday/m1/${DAY}`, version: 0, fault: 'altered' }]);
  });

  it('C10.1-1: nobody verifies who has not said so, four hours before at most, under their own name', async () => {
    await recordDay('m1');
    expect((await verify('meterday/')).status).toBe(400);
    await askFor('bob');
    expect((await verify('meterday/')).status).toBe(400);
    expect((await askFor()).body.until).toBe(new Date(AT + 4 * HOUR_MS).toISOString());
    expect((await verify('meterday/')).status).toBe(200);
    clock.advance(4 * HOUR_MS - 61_000);
    expect((await verify('meterday/')).status).toBe(200);
    clock.advance(2_000);
    expect((await verify('meterday/')).status).toBe(400);
    const asked = await embedded.as('auditor').events.latest(`verification/${utcDate(AT)}`);
    expect(asked.version).toBe(1);
  });

  it('C10.1-1: who opens to verify can not begin a stream of requests, and has no right to the table of events but to read', async () => {
    await expect(requestVerification(embedded.as('auditor').events, 'ann', AT)).rejects.toThrow();
    expect((await embedded.as('auditor').events.latest(`verification/${utcDate(AT)}`)).version).toBe(-1);
    expect(GRANTS.auditor.events).toEqual(['read', 'list']);
  });

  it('whoever has no key to a subject checks the chain, and opens nothing for it', async () => {
    await recordDay('m1');
    expect(await embedded.as('editing').events.verify(`meterday/m1/${DAY}`)).toEqual({ commits: 3, sealed: 3 });
    expect(await embedded.as('console-api').events.verify(`meterday/m1/${DAY}`)).toEqual({ commits: 3, sealed: 3 });
  });

  it('R9.1-1: what answers the other pages has no key to a day, to telemetry, or to who opened what', async () => {
    await recordDay('m1');
    const console = embedded.as('console-api');
    const rows = await embedded.as('auditor').keys.list('usage/anna/');
    expect(rows).toHaveLength(1);
    await expect(console.kms.decrypt('subject-kek', rows[0]!.wrapped, {})).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
    for (const prefix of [
      'usage/',
      'billing/',
      'segment/',
      'epoch/',
      'stream-class/access/',
      'stream-class/account/',
      'stream-class/meter/',
    ])
      await expect(console.keys.list(prefix), prefix).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
    const asked = { purpose: 'editing', from: AT - 2 * DAY_MS, until: AT, subjects: ['anna'] } as const;
    await expect(openSubjectData(console, asked)).rejects.toThrow();
  });
});

describe('keys and certificates', () => {
  const duties = () =>
    makeKeyDuties(embedded.as('operator-cli'), embedded.kms.admin, (bytes) => embedded.ca.manifestRoot.sign(bytes))(
      scheduledEvent('key-duties', clock.now()),
      lambdaContext('key-duties'),
    );
  const keys = async () => (await door.ask<KeysView>('showKeys', { role: 'security-officer' })).body;

  it('C10.1-6: every key is shown with its generations and when the next is due', async () => {
    expect((await keys()).keys.map(({ key }) => key)).toEqual(KMS_KEYS.map(({ id }) => id));
    await duties();
    clock.advance(365 * DAY_MS);
    await duties();
    const { manifest, keys: shown } = await keys();
    expect(manifest).toEqual({ version: 2, issuedAt: new Date(clock.now()).toISOString() });
    const agreement = shown.find(({ key }) => key === 'agreement')!;
    expect(agreement.generations).toEqual([
      { generation: 1, since: new Date(AT).toISOString(), until: new Date(clock.now() + 90 * DAY_MS).toISOString(), current: false },
      { generation: 2, since: new Date(clock.now()).toISOString(), until: null, current: true },
    ]);
    expect(agreement.dueAt).toBe(new Date(clock.now() + 365 * DAY_MS).toISOString());
    expect(shown.find(({ key }) => key === 'store-kek')!.generations.map(({ until }) => until)).toEqual([null, null]);
    expect(shown.every(({ generations }) => generations.length > 0)).toBe(true);
  });

  it('C10.1-6: people and concentrators are shown by when their certificates end, and counted when that is soon', async () => {
    const callers = new ConsoleDoor((principal) => embedded.as(principal));
    await embedded.people.issue('ann', 'auditor', (await deviceKey('ann')).csr);
    await embedded.people.issue('bob', 'operator', (await deviceKey('bob')).csr);
    await embedded.people.revoke(embedded.people.list().find(({ name }) => name === 'bob')!.fingerprint);
    const der = await embedded.devices.issueCertificate('dc-north', 'concentrator', (await deviceKey('dc-north')).csr);
    await enrolRelay(embedded.as('enrol'), 'north', der);
    callers.callers.push(...(await embedded.people.callers(10)));
    const shown = async () => (await callers.ask<KeysView>('showKeys')).body.certificates;
    // A concentrator's lasts for years, and is not shown before the last of them.
    const people = [
      ['ann', 'auditor', 'active'],
      ['bob', 'operator', 'revoked'],
    ];
    expect((await shown()).map(({ subject, role, status }) => [subject, role, status]).sort()).toEqual(people);
    const soon = async () => (await callers.ask<Overview>('showOverview')).body.certificates;
    expect(await soon()).toEqual({ expiring: 0, expired: 0, withinDays: 30 });
    clock.advance(345 * DAY_MS);
    expect(await soon()).toMatchObject({ expiring: 1, expired: 0 });
    clock.advance(25 * DAY_MS);
    expect(await soon()).toMatchObject({ expiring: 0, expired: 1 });
    expect((await shown()).find(({ subject }) => subject === 'ann')).toMatchObject({ status: 'expired' });
    const { validTo } = new X509Certificate(der);
    const dcNorth = { subject: 'dc-north', role: 'concentrator', notAfter: new Date(validTo).toISOString() };
    clock.set(Date.parse(validTo) - 20 * DAY_MS);
    expect((await shown()).at(-1)).toEqual({ ...dcNorth, status: 'active' });
    expect(await soon()).toMatchObject({ expiring: 1, expired: 0 });
    await embedded.devices.revoke(fingerprintOf(der));
    expect((await shown()).at(-1)).toEqual({ ...dcNorth, status: 'revoked' });
    expect(await soon()).toMatchObject({ expiring: 0, expired: 0 });
  });
});

describe('queues', () => {
  it('are shown with what waits, and what failed too often', async () => {
    await embedded.queues.send('billing', 'a');
    await embedded.queues.send('billing', 'b');
    await embedded.queues.send('service-dlq', 'c');
    await embedded.queues.receive('billing', 1);
    const { deadLetters } = (await door.ask<Overview>('showOverview')).body;
    expect(deadLetters.filter(({ waiting, failed }) => waiting + failed > 0)).toEqual([
      { queue: 'service', waiting: 0, failed: 1 },
      { queue: 'billing', waiting: 2, failed: 0 },
    ]);
  });
});
