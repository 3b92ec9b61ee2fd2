import { join } from 'node:path';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeLogCollect } from '../../lambdas/log/handler.ts';
import { Sequencer } from '../../lambdas/log/sequencer.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';

export const HOUR = 3_600_000;

/** Meters behind one concentrator, and a state that is lost and put back. */
export class RestorableTown {
  readonly place = temporaryDirectory();
  readonly state = join(this.place, 'state');
  readonly kept = join(this.place, 'kept');
  readonly start: number;
  readonly clock: { at: number; now(): number };
  platform!: Embedded;
  meters: readonly SealedMeter[] = [];

  private constructor(start: number) {
    this.start = start;
    this.clock = { at: start, now: () => this.clock.at };
  }

  static async begin(start: number, meters: number): Promise<RestorableTown> {
    const town = new RestorableTown(start);
    await town.open();
    town.meters = await sealedTown((principal) => town.platform.as(principal), { meters, at: start });
    return town;
  }

  async open(): Promise<void> {
    this.platform = await createEmbeddedPlatform({ stateDir: this.state, clock: this.clock, timer: false });
    const { as, host } = this.platform;
    const [telemetry, project] = [makeIngest(as('ingest'), defencesUnderTest()), makeProject(as('project'), defencesUnderTest())];
    await host.start({ queues: { telemetry }, feeds: { project, 'log-collect': makeLogCollect(as('log'), defencesUnderTest()) } });
  }

  /** Records what the concentrator sends as its n-th batch. */
  async deliver(n: number, frames: readonly Buffer[]): Promise<void> {
    await this.platform.queues.send('telemetry', telemetryBody('one', this.clock.at, n, frames));
    await this.platform.host.drain();
  }

  /** What was committed so far gets its place. */
  async log(): Promise<void> {
    await this.platform.host.drain();
    await new Sequencer(this.platform.as('log')).run();
  }

  /** Begins a stream. */
  async openUtilityData(): Promise<void> {
    const window = { from: this.start, until: this.start + HOUR };
    await openSubjectData(this.platform.as('close-day'), { purpose: 'close-day', ...window, subjects: ['nobody-in-particular'] });
  }

  async discard(): Promise<void> {
    await this.platform.close();
    discard(this.place);
  }
}
