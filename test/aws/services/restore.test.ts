import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkLog } from '../../../bin/log-check/check-log.ts';
import { readReceipts } from '../../../bin/log-check/receipts.ts';
import { account as accountDecider } from '../../../domain/account/account.ts';
import { consentDecider } from '../../../domain/consent/consent.ts';
import { meter } from '../../../domain/enrolment/meter.ts';
import { Consents } from '../../../lambdas/consent/consents.ts';
import { amendRelay } from '../../../lambdas/enrol/relay-standing.ts';
import { releaseDevice } from '../../../lambdas/enrol/release-device.ts';
import { amendMeter } from '../../../lambdas/enrol/standing.ts';
import { erasureStanding, requestErasure } from '../../../lambdas/erasure/ask.ts';
import { makeIngest } from '../../../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../../../lambdas/ingest/limits.ts';
import { makeLog } from '../../../lambdas/log/handler.ts';
import { pendingPlace } from '../../../lambdas/log/places.ts';
import { RESTORES } from '../../../lambdas/log/receipt.ts';
import { makeMaintenance } from '../../../lambdas/maintenance/handler.ts';
import { awaitingNewEpoch } from '../../../lambdas/maintenance/restore.ts';
import { AREA_SUMS, areaHour } from '../../../lambdas/project/area-sums.ts';
import { DAY_SUMMARIES } from '../../../lambdas/project/day-summaries.ts';
import { makeAnew } from '../../../lambdas/project/make-anew.ts';
import { foldings } from '../../../lambdas/project/rebuild.ts';
import { makeRefold } from '../../../lambdas/refold/handler.ts';
import { foldRelay, runRelay } from '../../../lambdas/shared/devices/relays.ts';
import { changeRecipient, findRecipient } from '../../../lambdas/shared/feeds/recipients.ts';
import { restoreFence } from '../../../lambdas/shared/restore-fence.ts';
import { Segments } from '../../../lambdas/shared/segments.ts';
import { foldStream, runDecider } from '../../../lambdas/shared/streams.ts';
import { bytesOf, numberOf, type Row, textOf } from '../../../platform/aws/dynamo/row.ts';
import { encodeEntry } from '../../../protocol/log/entry.ts';
import { temporaryDirectory } from '../../contract/support/state.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { HOME, type SealedMeter, sealedTown, telemetryBody } from '../../support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../../support/sqs.ts';
import { AwsWorld } from './support/aws-world.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 15, 9);
const EVENTS = 'joulekeep-dev-events';
const SEGMENT = 'segment/00000';

let world: AwsWorld;
let town: readonly SealedMeter[];
let folder: string;
let sent: number;
let told: number;
beforeEach(async () => {
  folder = temporaryDirectory();
  world = await AwsWorld.at(START);
  town = await sealedTown((name) => world.as(name as 'ingest'), { meters: 2, at: START });
  sent = 0;
  told = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const commits = () => world.rows('events').filter(({ pk }) => !pk!.S!.startsWith('~'));
const nameOf = (row: Row) => `${textOf(row, 'pk')} ${numberOf(row, 'sk')}`;

/** An hour passes, and both meters tell of it. */
async function measure(): Promise<void> {
  world.clock.advance(HOUR);
  const at = world.clock.now();
  const body = telemetryBody(
    'one',
    at,
    ++sent,
    town.map((meter) => meter.reading(at - (at % HOUR), [1, 2, 3, 4])),
  );
  const ingest = makeIngest(world.as('ingest'), defencesUnderTest(), { limits: INGEST_LIMITS });
  expect(await ingest(sqsEvent('telemetry', [body]), lambdaContext('ingest'))).toEqual({ batchItemFailures: [] });
}

/** As the change stream tells it: what has a place already is told again. */
async function tell(): Promise<void> {
  const entries = commits().map((row) => ({ stream: textOf(row, 'pk'), version: numberOf(row, 'sk'), hash: bytesOf(row, 'hash') }));
  entries.sort((a, b) => a.version - b.version);
  const place = String(++told);
  await world.as('log').objects.put(pendingPlace(place, place), Buffer.concat(entries.map(encodeEntry)));
}

const log = () => makeLog(world.as('log'), defencesUnderTest())({} as never, lambdaContext('log'));

async function putBack(to: ReadonlySet<string>): Promise<void> {
  for (const row of commits())
    if (!to.has(nameOf(row)))
      await world.dynamo.client.send(new DeleteItemCommand({ TableName: EVENTS, Key: { pk: row['pk']!, sk: row['sk']! } }));
}

const ask = (restoredTo: string) =>
  makeMaintenance(world.as('maintenance'), defencesUnderTest())({ restoredTo }, lambdaContext('maintenance'));

/** What somebody finds who has these receipts. */
async function checked(receipts: readonly string[]) {
  const { objects, kms } = world.as('auditor');
  const files = receipts.map((key) => {
    const file = join(folder, key.replaceAll('/', '-'));
    writeFileSync(file, world.objects.get(key)!);
    return file;
  });
  return await checkLog({ objects, kms, restored: readReceipts(files) });
}

const receipts = () => [...world.objects.keys()].filter((key) => key.startsWith(RESTORES));

/** What the feed does when it tells that the segment has grown. */
const project = () => foldings(world.as('project')).segments.fold([SEGMENT]);

/** Three hours are lost of five. @returns the moment that was put back */
async function lose(): Promise<string> {
  for (let hour = 0; hour < 2; hour++) await measure();
  await tell();
  await log();
  const then = new Set(commits().map(nameOf));
  world.clock.advance(60_000);
  const moment = new Date(world.clock.now()).toISOString();
  for (let hour = 0; hour < 3; hour++) await measure();
  await tell();
  await log();
  await project();
  await putBack(then);
  return moment;
}

it('C10.1-7: after a table was put back the log says which streams lost commits, and the receipt accounts for it', async () => {
  const moment = await lose();
  world.clock.advance(HOUR);
  await ask(moment);
  await log();
  const [receipt, ...others] = receipts();
  expect(others).toEqual([]);
  const { faults, takenBack } = await checked([receipt!]);
  expect(faults).toEqual([]);
  expect(takenBack).toEqual({ commits: 3, streams: 1 });
  expect((await checked([])).faults).toEqual([expect.stringContaining(`takes ${SEGMENT} back`)]);
});

it('C10.1-7: what is recorded in the places that are free again has its place in the log, and store and log agree', async () => {
  await ask(await lose());
  await log();
  await measure();
  await tell();
  await log();
  const { commits: logged } = await checked(receipts());
  const stored = commits().filter((row) => textOf(row, 'pk') === SEGMENT);
  expect(logged.get(SEGMENT)).toEqual(stored.map((row) => ({ version: numberOf(row, 'sk'), hash: bytesOf(row, 'hash') })));
});

it('T8-P1: nothing but the handshake goes to a meter whose epoch is older than the restore', async () => {
  const moment = await lose();
  await ask(moment);
  expect(await restoreFence(world.as('maintenance').directory)).toBe(world.clock.now());
  expect((await awaitingNewEpoch(world.as('maintenance'))).sort()).toEqual(town.map(({ meterId }) => meterId).sort());
});

it('meters are fenced off and nothing is said to the log while commits of the time before wait for their place', async () => {
  const moment = await lose();
  await tell();
  await expect(ask(moment)).rejects.toMatchObject({ code: 'ERR_LOG_PENDING' });
  expect(await restoreFence(world.as('maintenance').directory)).toBe(world.clock.now());
  expect(receipts()).toEqual([]);
  await log();
  await ask(moment);
  expect(receipts()).toHaveLength(1);
});

it('asked again it says nothing twice', async () => {
  const moment = await lose();
  await ask(moment);
  await log();
  world.clock.advance(HOUR);
  await ask(moment);
  await log();
  expect(receipts()).toHaveLength(1);
  expect((await checked(receipts())).faults).toEqual([]);
});

it('R9.3-4, C10.3-3: a consent that was revoked since stays revoked, a third party suspended, and an erasure that was asked for since is asked for', async () => {
  const [now, account] = [world.clock.now(), 'acc-1'];
  const times = { from: now, until: now + 30 * 24 * HOUR, expiresAt: now + 100 * 24 * HOUR, authTime: now, at: now };
  const id = 'consent-of-somebody';
  const granted = {
    consentId: id,
    account,
    recipient: 'brightly',
    purpose: 'efficiency',
    dataClasses: ['usage'],
    resolution: 'day',
  } as const;
  await runDecider(world.as('enrol').events, `account/${account}`, accountDecider, { type: 'OpenAccount', accountId: account, at: now });
  const agreed = { ...granted, ...times, usagePoints: ['up-1'], textHash: 'ab'.repeat(32), authMethod: 'test' };
  const decider = consentDecider(defencesUnderTest());
  await runDecider(world.as('consent').events, `consent/${id}`, decider, { type: 'GrantConsent', ...agreed });
  const registration = { recipientId: 'brightly', name: 'Brightly', redirectUris: ['https://brightly.example/'], at: now };
  await changeRecipient(world.as('enrol'), 'brightly', { type: 'RegisterRecipient', ...registration });
  await measure();
  const then = new Set(commits().map(nameOf));
  const moment = new Date(world.clock.now()).toISOString();
  await changeRecipient(world.as('enrol'), 'brightly', { type: 'SuspendRecipient', reason: 'an incident', at: world.clock.now() });
  await new Consents(world.as('account-api'), defencesUnderTest()).revoke({ account }, id);
  await requestErasure(world.as('account-api'), account, { by: 'customer' });
  await tell();
  await log();
  await putBack(then);
  await ask(moment);
  expect((await new Consents(world.as('account-api'), defencesUnderTest()).of(account, id)).status).toBe('revoked');
  expect((await erasureStanding(world.as('erasure'), account)).state.status).toBe('requested');
  expect((await findRecipient(world.as('third-party-api').events, 'brightly'))?.status).toBe('suspended');
});

it('C10.1-1: devices that were cut off since are cut off: by people, by ingest; one that was let in since is named to people', async () => {
  const [stolen, flooding] = town as [SealedMeter, SealedMeter];
  const cutOff = async (type: 'Quarantine' | 'Retire', { meterId }: SealedMeter) => {
    const as = world.as('enrol');
    await amendMeter(as, new Segments(as), meterId, { type, reason: 'stolen (sid)', at: world.clock.now() });
  };
  const relayAt = () => ({ dcId: 'two', fingerprint: 'f0', at: world.clock.now() });
  await runRelay(world.as('enrol'), 'two', { type: 'RegisterRelay', ...relayAt() });
  await runRelay(world.as('enrol'), 'one', { type: 'RegisterRelay', ...relayAt(), dcId: 'one' });
  await amendRelay(world.as('enrol'), 'two', { type: 'QuarantineRelay', reason: 'stolen (sid)', at: world.clock.now() });
  await measure();
  const then = new Set(commits().map(nameOf));
  const moment = new Date(world.clock.now()).toISOString();
  world.clock.advance(60_000);
  await cutOff('Retire', stolen);
  const limits = { ...INGEST_LIMITS, meter: { burst: 1, perHour: 1 }, floodingFrames: 2 };
  const frames = Array.from({ length: 5 }, () => flooding.reading(START, [1]));
  const ingest = makeIngest(world.as('ingest'), defencesUnderTest(), { limits });
  await ingest(sqsEvent('telemetry', [telemetryBody('one', world.clock.now(), ++sent, frames)]), lambdaContext('ingest'));
  await amendRelay(world.as('enrol'), 'one', { type: 'QuarantineRelay', reason: 'stolen (sid)', at: world.clock.now() });
  const [two, sound] = [{ kind: 'concentrator', id: 'two', thing: 'dc-two' } as const, { by: 'sid', reason: 'examined' }];
  await releaseDevice(world.as('maintenance'), two, sound);
  await tell();
  await log();
  await putBack(then);
  const warned: unknown[] = [];
  const teller = { info: () => undefined, error: () => undefined, warn: (_: string, fields: unknown) => warned.push(fields) };
  await makeMaintenance({ ...world.as('maintenance'), log: teller }, defencesUnderTest())(
    { restoredTo: moment },
    lambdaContext('maintenance'),
  );
  const standing = async ({ meterId }: SealedMeter) => (await foldStream(world.as('enrol').events, `meter/${meterId}`, meter)).state.status;
  expect([await standing(stolen), await standing(flooding)]).toEqual(['retired', 'quarantined']);
  const relayStanding = async (dcId: string) => (await foldRelay(world.as('enrol'), dcId)).state.standing;
  expect([await relayStanding('one'), await relayStanding('two')]).toEqual(['quarantined', 'quarantined']);
  const { members } = (await new Segments(world.as('ingest')).load('00000')).state;
  expect(town.map(({ meterId }) => members.at(members.findId(meterId))?.status)).toEqual(['retired', 'quarantined']);
  expect(warned).toContainEqual({ code: 'DEVICE_CUT_OFF_AGAIN', reason: 'dc-two: cut off again, was let in since by sid: examined' });
  expect(warned).toHaveLength(3);
});

/** Slots of homes in the sums of the area, for somebody who only reads. */
async function slotsShown(): Promise<number> {
  const sums = world.as('ems').models.table(AREA_SUMS);
  const hours = Array.from({ length: 12 }, (_, hour) => areaHour(sums, HOME.areaLeaf, (START + hour * HOUR) / 1000));
  return (await Promise.all(hours)).flatMap((of) => Object.values(of)).reduce((sum, { measured }) => sum + measured, 0);
}

it('read models show nothing that was taken back, to nobody before they are whole, and take up what comes in the places that are free again', async () => {
  const moment = await lose();
  const inAnHour = 4 * town.length;
  expect(await slotsShown()).toBe(5 * inAnHour);
  await ask(moment);
  const aStep = () => makeAnew(world.as('project'), () => true);
  await aStep();
  await expect(slotsShown()).rejects.toMatchObject({ code: 'ERR_MODEL_UNAVAILABLE' });
  await measure();
  await project();
  await aStep();
  // Sums are whole, days are not.
  expect(await slotsShown()).toBe(3 * inAnHour);
  const days = world.as('usage-api').models.table(DAY_SUMMARIES);
  await expect(Array.fromAsync(days.keys('up-1', ''))).rejects.toMatchObject({ code: 'ERR_MODEL_UNAVAILABLE' });
  await makeRefold(world.as('project'))({} as never, lambdaContext('refold'));
  expect(await Array.fromAsync(days.keys('up-1', ''))).toEqual([]);
  expect(await slotsShown()).toBe(3 * inAnHour);
  expect(new Set(world.rows('models', 'area-sums#').map(({ pk }) => pk!.S!.split('#')[1]))).toEqual(new Set(['1']));
});

it.each(['yesterday', '2026-01-15', '2999-01-01T00:00:00Z'])('is refused for a moment that is none: %s', async (moment) => {
  await expect(ask(moment)).rejects.toMatchObject({ code: 'ERR_RESTORE_TIME' });
  expect(await restoreFence(world.as('maintenance').directory)).toBe(0);
});
