import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordedFrames } from '../../domain/telemetry/opened-frame.ts';
import type { FrameColumns } from '../../events/index.ts';
import { afterRestore, awaitingNewEpoch } from '../../lambdas/maintenance/restore.ts';
import { restoreFence } from '../../lambdas/shared/restore-fence.ts';
import { frameCounter, frameEpoch } from '../../protocol/frame.ts';
import { DAY, HOUR, MONDAY, Street } from './street.ts';

const FIVE = ['dc-1', 'dc-2', 'dc-3', 'dc-4', 'dc-5'];

/** Remembers every frame that goes up, with when. */
function recorder(street: Street): { at: number; meterId: string; bytes: Buffer }[] {
  const frames: { at: number; meterId: string; bytes: Buffer }[] = [];
  street.tampering.set('dc-1', {
    up: (output, meterId, at) => {
      if (output.kind === 'frame') frames.push({ at, meterId, bytes: output.bytes });
      return [output];
    },
  });
  return frames;
}

async function counts(street: Street) {
  await street.service.settle();
  const { accepted, duplicate, quarantined, readings, storedWh } = await street.service.recorded();
  return { accepted, duplicate, quarantined, readings, storedWh };
}

/** How often the frame is among what was accepted. */
async function timesAccepted(street: Street, frame: Buffer): Promise<number> {
  let found = 0;
  for (const event of await street.service.events('segment/')) {
    if (event.type !== 'FramesAccepted') continue;
    const { header, count } = event.data.frames;
    for (let i = 0; i < count; i++) {
      const kid = Buffer.from(header).subarray(i * 20, i * 20 + 11);
      const counter = Buffer.from(header).readUIntBE(i * 20 + 15, 5);
      if (kid.equals(frame.subarray(8, 19)) && counter === frameCounter(frame, 0)) found++;
    }
  }
  return found;
}

/** `copies` over all five concentrators at once. */
async function replay(street: Street, frame: Buffer, copies: number): Promise<void> {
  const each = Array.from({ length: copies / FIVE.length }, () => frame);
  await Promise.all(FIVE.map((dcId) => street.inject(dcId, each)));
}

describe('replay', () => {
  it('T8-P1: one frame 1,000 times over 5 concentrators, at once, on day 6 and in grace, and its slots sealed again: one reading', async () => {
    const street = await Street.open({ meters: 3, dcIds: FIVE, relaysOf: () => FIVE });
    for (const dcId of FIVE.slice(1)) street.tampering.set(dcId, { up: (output) => (output.kind === 'frame' ? [] : [output]) });
    const frames = recorder(street);
    await street.live(MONDAY + 5 * HOUR);
    const { bytes: frame } = frames.findLast(({ bytes }) => bytes.length === 81)!;
    const before = await counts(street);
    await replay(street, frame, 1_000);
    expect(await counts(street)).toEqual({ ...before, duplicate: before.duplicate + 1_000 });
    await street.live(MONDAY + 6 * DAY, 4 * HOUR);
    const onDaySix = await counts(street);
    await replay(street, frame, 10);
    expect(await counts(street)).toEqual({ ...onDaySix, duplicate: onDaySix.duplicate + 10 });
    await street.live(MONDAY + 8 * DAY, 4 * HOUR);
    expect(frameEpoch(frames.at(-1)!.bytes, 0)).toBe(2);
    const inGrace = await counts(street);
    await replay(street, frame, 10);
    expect(await counts(street)).toEqual({ ...inGrace, duplicate: inGrace.duplicate + 10 });
    expect(await timesAccepted(street, frame)).toBe(1);
    await sealedAgain(street);
    await street.close();
  });

  it('T8-P1: after a restore from a backup: one reading of every frame, whether the backup knows it or not, and a new epoch before anything is sent', async () => {
    const street = await Street.open({ meters: 3, dcIds: FIVE, relaysOf: () => FIVE, intervalMinutes: 15 });
    for (const dcId of FIVE.slice(1)) street.tampering.set(dcId, { up: (output) => (output.kind === 'frame' ? [] : [output]) });
    const frames = recorder(street);
    await street.live(MONDAY + 6 * HOUR);
    const backup = `${street.service.stateDir}-backup`;
    // from another process: opening and closing a database file here would drop this process's locks on it
    await street.restart((stateDir) => void execFileSync('cp', ['-r', stateDir, backup]));
    const known = frames.findLast(({ bytes }) => bytes.length === 81)!.bytes;
    await street.live(MONDAY + 12 * HOUR);
    const forgotten = frames.findLast(({ bytes }) => bytes.length === 81)!.bytes;
    await street.restart((stateDir) => {
      for (const file of ['events.db', 'events.db-wal', 'events.db-shm']) rmSync(`${stateDir}/${file}`, { force: true });
      execFileSync('sh', ['-c', `cp ${backup}/events.db* ${stateDir}/`]);
    });
    rmSync(backup, { recursive: true });
    const maintenance = street.service.platform.as('maintenance');
    expect(await afterRestore(maintenance)).toBe(3);
    expect(await restoreFence(maintenance.directory)).toBe(street.now);
    for (const frame of [known, forgotten]) await replay(street, frame, 100);
    await street.service.settle();
    expect([await timesAccepted(street, known), await timesAccepted(street, forgotten)]).toEqual([1, 1]);
    street.keepWire = true;
    await street.live(MONDAY + 24 * HOUR);
    expect(street.wire.filter(({ topic }) => topic.endsWith('/down'))).toEqual([]);
    expect(await awaitingNewEpoch(maintenance)).toHaveLength(3);
    await street.live(MONDAY + 9 * DAY, 4 * HOUR);
    expect(await awaitingNewEpoch(maintenance)).toEqual([]);
    expect(await street.quiesce()).toBe(0);
    const { stored, measured } = await street.digests();
    expect(stored).toBe(measured);
    await street.close();
  });
});

/** The meter loses every acknowledgement for two days and seals what it believes lost once more: new frames, no new reading. */
async function sealedAgain(street: Street): Promise<void> {
  for (const dcId of FIVE) street.tampering.set(dcId, { down: () => [], ...street.tampering.get(dcId) });
  await street.live(street.measuredTo + 3 * DAY, 4 * HOUR);
  const delivered = (await street.service.events('segment/')).reduce(
    (sum, event) => sum + (event.type === 'FramesAccepted' ? slotsIn(event.data.frames) : 0),
    0,
  );
  const { readings } = await street.service.recorded();
  expect(delivered - readings).toBeGreaterThan(100);
  const { stored, measured } = await street.digests();
  expect(stored).toBe(measured);
}

function slotsIn(frames: FrameColumns): number {
  let slots = 0;
  for (const { frame } of recordedFrames(frames)) slots += frame.count;
  return slots;
}
