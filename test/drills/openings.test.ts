import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requestVerification } from '../../lambdas/shared/access/verification-requests.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { rowIdOf } from '../../platform/ports/subject-rows.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { reconcile } from '../reconcile/reconcile-world.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { Duty } from './duty.ts';

const DAY = 86_400_000;
const DATE = '2026-01-15';

let duty: Duty;
let directory: string;
let clock: ManualClock;
let embedded: Embedded;
beforeEach(async () => {
  duty = new Duty();
  directory = temporaryDirectory();
  clock = new ManualClock(Date.parse(`${DATE}T12:00:00Z`));
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock, defences: defencesUnderTest(), timer: false });
});
afterEach(async () => {
  await embedded.close();
  discard(directory);
  duty.end();
});

/** Opens somebody's key, and writes nothing down. */
async function openAround(): Promise<void> {
  const row = rowIdOf('usage/anna/2026-01/', clock.now());
  const { kms } = embedded.as('editing');
  const { wrapped } = await kms.generateDataKey('subject-kek', { row, subject: 'anna' });
  await kms.decrypt('subject-kek', wrapped, { row, subject: 'anna' });
}

async function nextNight(): Promise<void> {
  duty.turn();
  clock.set((Math.floor(clock.now() / DAY) + 1) * DAY + DAY / 8);
  await reconcile(embedded, embedded.kms.record);
}

it('access-unexplained: a key opened around the record raises it the next night, and a night without ends it', async () => {
  await openAround();
  await nextNight();
  expect(duty.hears('access-unexplained')).toBe(true);
  expect(duty.hears('key-record-doubted')).toBe(false);
  await nextNight();
  expect(duty.hears('access-unexplained')).toBe(false);
});

it('key-record-doubted: a line cut out of the record raises it the next night, and a night behind the gap ends it', async () => {
  await openAround();
  const file = join(directory, 'kms-record', `${DATE}.log`);
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.filter((line) => !line.includes('anna')).join('\n'));
  await nextNight();
  expect(duty.hears('key-record-doubted')).toBe(true);
  await nextNight();
  await nextNight();
  expect(duty.hears('key-record-doubted')).toBe(false);
});

it('verification-unasked: a key opened as the auditor raises it the next night, and one that somebody asked for does not', async () => {
  const row = rowIdOf('usage/anna/2026-01/', clock.now());
  const { wrapped } = await embedded.as('close-day').kms.generateDataKey('subject-kek', { row, subject: 'anna' });
  const openAsAuditor = () => embedded.as('auditor').kms.decrypt('subject-kek', wrapped, { row, subject: 'anna' });
  await openAsAuditor();
  await nextNight();
  expect(duty.hears('verification-unasked')).toBe(true);
  await requestVerification(embedded.as('console-api').events, 'ann', clock.now());
  await openAsAuditor();
  await nextNight();
  expect(duty.hears('verification-unasked')).toBe(false);
});
