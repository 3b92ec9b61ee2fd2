import { createHash } from 'node:crypto';
import { latestCheckpoint } from '../../lambdas/log/checkpoints.ts';
import { makeLog, makeLogCollect } from '../../lambdas/log/handler.ts';
import { LogFiles } from '../../lambdas/log/log-files.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import { lambdaContext, scheduledEvent } from '../../platform/embedded/host/lambda-context.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import type { LogEntry } from '../../protocol/log/entry.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

export const MINUTE = 60_000;

/** A store that commits, and the log behind it: the change stream is played by hand, so that it can come again or break off. */
export class LogWorld {
  readonly world = new MemoryWorld();
  readonly platform = this.world.as('log');
  readonly arrivals: Arrival[] = [];
  readonly #heads = new Map<string, number>();

  /** So many more commits, over a few streams. */
  commit(count: number, streams = 7): readonly Arrival[] {
    const added = Array.from({ length: count }, (): Arrival => {
      const place = this.arrivals.length + 1;
      const stream = `segment/${place % streams}`;
      const version = this.#heads.get(stream) ?? 0;
      const events = 1 + (place % 3);
      this.#heads.set(stream, version + events);
      const hash = createHash('sha256').update(`${stream} ${version}`).digest();
      const arrival = { place, stream, version, count: events, keyId: '', hash, recordedAt: this.world.clock.now() };
      this.arrivals.push(arrival);
      return arrival;
    });
    return added;
  }

  async tell(arrivals: readonly Arrival[], platform = this.platform): Promise<void> {
    await makeLogCollect(platform, defencesUnderTest())(streamEvent('log', arrivals), lambdaContext('log-collect', MINUTE));
  }

  /** One run of the schedule. */
  async run(platform = this.platform): Promise<void> {
    await makeLog(platform, defencesUnderTest())(scheduledEvent('log', platform.clock.now()), lambdaContext('log', MINUTE));
  }

  async latest() {
    return await latestCheckpoint(this.world.objects, this.world.kms.as('auditor'));
  }

  async entries(): Promise<readonly LogEntry[]> {
    const size = (await this.latest())?.size ?? 0;
    return await Array.fromAsync(new LogFiles(this.world.objects).entries(0, size));
  }

  /** What the log must hold. */
  expected(): readonly LogEntry[] {
    return this.arrivals.map(({ stream, version, hash }) => ({ stream, version, hash: hash! }));
  }
}
