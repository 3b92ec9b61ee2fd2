import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmbeddedHost, type HostHandlers } from '../../platform/embedded/host/host.ts';
import { EmbeddedQueues } from '../../platform/embedded/queues.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { SILENT } from './gateway-fixture.ts';

const HOUR = 3_600_000;

let directory: string;
let queues: EmbeddedQueues;
let clock: ManualClock;
let host: EmbeddedHost;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-schedules-'));
  queues = new EmbeddedQueues(join(directory, 'queues.db'));
  clock = new ManualClock(Date.UTC(2026, 0, 15, 10, 20));
});

afterEach(async () => {
  await host.stop();
  queues.close();
  rmSync(directory, { recursive: true });
});

async function start(handlers: HostHandlers): Promise<void> {
  host = new EmbeddedHost({ queues, clock, log: SILENT, timer: false });
  await host.start(handlers);
}

describe('schedules of the host', () => {
  it('run at whole multiples of their period by the clock, once for what was missed', async () => {
    const times: string[] = [];
    const hourly = {
      name: 'hourly',
      everyMinutes: 60,
      handler: async (event: { time: string; 'detail-type': string; resources: readonly string[] }) => {
        times.push(`${event.time} ${event['detail-type']} ${event.resources[0]}`);
      },
    };
    await start({ queues: {}, schedules: [hourly] });
    await host.runDue();
    clock.set(Date.UTC(2026, 0, 15, 10, 59, 59));
    await host.runDue();
    expect(times).toEqual([]);
    clock.set(Date.UTC(2026, 0, 15, 11));
    await host.runDue();
    await host.runDue();
    clock.advance(5 * HOUR + 1);
    await host.runDue();
    expect(times).toEqual([
      '2026-01-15T11:00:00Z Scheduled Event arn:aws:events:embedded:000000000000:rule/hourly',
      '2026-01-15T16:00:00Z Scheduled Event arn:aws:events:embedded:000000000000:rule/hourly',
    ]);
  });

  it('one that fails harms nothing, one that runs is not started again', async () => {
    const release = Promise.withResolvers<void>();
    let starts = 0;
    const failing = { name: 'failing', everyMinutes: 60, handler: async () => Promise.reject(new Error('crash')) };
    const slow = {
      name: 'slow',
      everyMinutes: 60,
      handler: async () => {
        starts++;
        await release.promise;
      },
    };
    await start({ queues: {}, schedules: [failing, slow] });
    clock.advance(HOUR);
    const first = host.runDue();
    await vi.waitFor(() => expect(starts).toBe(1));
    clock.advance(HOUR);
    await host.runDue();
    expect(starts).toBe(1);
    release.resolve();
    await first;
    await host.drain();
    await host.runDue();
    expect(starts).toBe(2);
  });

  it('that run by themselves wait while the clock stands a year away, and go on when it is back', async () => {
    vi.useFakeTimers();
    try {
      const told: string[] = [];
      const runs: number[] = [];
      const destroys = { name: 'destroys', everyMinutes: 60, handler: async () => void runs.push(clock.now()) };
      host = new EmbeddedHost({ queues, clock, log: { ...SILENT, error: (message) => void told.push(message) } });
      await host.start({ queues: {}, schedules: [destroys] });
      const second = () => vi.advanceTimersByTimeAsync(1_000);
      clock.advance(400 * 24 * HOUR);
      await second();
      await second();
      expect(runs).toEqual([]);
      expect(told).toHaveLength(1);
      clock.advance(-400 * 24 * HOUR);
      await second();
      clock.advance(HOUR);
      await second();
      expect(runs).toEqual([clock.now()]);
    } finally {
      vi.useRealTimers();
    }
  });
});
