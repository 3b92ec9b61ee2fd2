import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { rowIdOf } from '../../platform/ports/subject-rows.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { findings, reconcile } from './reconcile-world.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 15, 12);
let directory: string;
let embedded: Embedded;
let clock: ManualClock;

async function open(): Promise<void> {
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock, defences: defencesUnderTest(), timer: false });
}

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(START);
  await open();
});

afterEach(async () => {
  await embedded.close();
  discard(directory);
});

const fileOf = (day: string) => join(directory, 'kms-record', `${day}.log`);

/** What a function does that wants nobody to know. */
async function steal(): Promise<void> {
  const row = rowIdOf('usage/anna/2026-01/', clock.now());
  await embedded.as('editing').kms.generateDataKey('subject-kek', { row, subject: 'anna' });
}

async function nextNight(): Promise<string[]> {
  clock.set((Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS + DAY_MS / 8);
  await reconcile(embedded, embedded.kms.record);
  const found = await findings(embedded);
  return found.flatMap((event) => (event.type === 'KeyRecordDoubted' ? [`${event.stream} ${event.data.fault}`] : []));
}

describe('a record of the key service that was tampered with', () => {
  it('C10.1-1: whoever cuts a look out of it is found by the gap', async () => {
    await steal();
    const lines = readFileSync(fileOf('2026-01-15'), 'utf8').split('\n');
    writeFileSync(fileOf('2026-01-15'), lines.filter((line) => !line.includes('anna')).join('\n'));
    expect(await nextNight()).toEqual(['audit/2026-01-15 missing']);
  });

  it('C10.1-1: whoever puts another name into it is found by the mark', async () => {
    await steal();
    writeFileSync(fileOf('2026-01-15'), readFileSync(fileOf('2026-01-15'), 'utf8').replace('editing', 'auditor'));
    expect(await nextNight()).toEqual(['audit/2026-01-15 altered']);
  });

  it('C10.1-1: whoever begins it anew is found by where it stood the night before', async () => {
    await nextNight();
    await steal();
    await embedded.close();
    rmSync(join(directory, 'kms-record'), { recursive: true });
    await open();
    expect(readdirSync(join(directory, 'kms-record'))).toEqual(['2026-01-16.log']);
    expect(await nextNight()).toEqual(['audit/2026-01-16 missing']);
  });

  it('that only ended with the process is told as a break', async () => {
    await steal();
    const whole = readFileSync(fileOf('2026-01-15'));
    await embedded.close();
    // As a kill leaves it: nothing was closed.
    writeFileSync(fileOf('2026-01-15'), whole);
    await open();
    expect(await nextNight()).toEqual(['audit/2026-01-15 broken-off']);
  });
});
