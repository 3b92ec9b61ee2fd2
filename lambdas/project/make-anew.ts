import { codeOf, isOutage } from '../../events/errors.ts';
import type { Directory, Platform } from '../../platform/ports/platform.ts';
import { restoreFence } from '../shared/restore-fence.ts';
import { foldings, type InUse, MODELS, type Model } from './rebuild.ts';

const STANDING = 'models/anew';

/** How far the tables have followed a restore. */
interface Standing {
  /** Of which restore: where the fence stands, UTC ms. */
  readonly fence: number;
  /** Models that are whole again. */
  readonly whole: readonly Model[];
  /** Last stream of the model in hand that is in its tables. */
  readonly after?: string;
  /** What was there before is gone. */
  readonly swept?: true;
}

export interface MadeAnew {
  /** Models that are not whole yet. */
  readonly left: readonly Model[];
  /** Streams taken up by this run, and those of them that something is wrong with. */
  readonly streams: number;
  readonly failed: number;
}

/**
 * After a restore tables hold what was taken back, and would take nothing of what comes in the places that are free again: items are further than
 * their streams. So all of them begin empty at once, nobody who only reads is shown one that is not whole, and every stream is followed
 * from its beginning, while the feed does so too. Broken off anywhere the next run goes on.
 * @param isOver time is up
 */
export async function makeAnew(platform: Platform, isOver: () => boolean): Promise<MadeAnew> {
  const run = new Run(platform, isOver);
  const left = await run.follow();
  return { left, streams: run.streams, failed: run.failed };
}

/** Whether a model is being made anew: what is made of it has to wait. */
export async function isBeingMade(directory: Directory, model: Model): Promise<boolean> {
  const standing = await standingOf(directory);
  return standing !== undefined && !standing.whole.includes(model);
}

/** Where a restore has begun the tables empty, and the feed tells of every commit from the first, nothing is left to do. */
export async function leaveToFeed(directory: Directory): Promise<void> {
  await noteStanding(directory, { fence: await restoreFence(directory), whole: MODELS, swept: true });
}

class Run {
  streams = 0;
  failed = 0;
  readonly #platform: Platform;
  readonly #isOver: () => boolean;
  readonly #models: Readonly<Record<Model, InUse>>;

  constructor(platform: Platform, isOver: () => boolean) {
    this.#platform = platform;
    this.#isOver = isOver;
    this.#models = foldings(platform);
  }

  async follow(): Promise<readonly Model[]> {
    const fence = await restoreFence(this.#platform.directory);
    let standing = await standingOf(this.#platform.directory);
    if (fence === 0) return [];
    if (standing?.fence !== fence) standing = await this.#begin(fence);
    if (standing.swept === true) return [];
    for (const model of MODELS.filter((one) => !standing!.whole.includes(one))) {
      const isWhole = await this.#fill(model, standing);
      if (isWhole) standing = await this.#finish(model, standing);
      const left = leftOf(standing);
      if (left.length > 0 && (!isWhole || this.#isOver())) return left;
    }
    if (await this.#sweep()) await this.#note({ ...standing, swept: true });
    return [];
  }

  /** Of all models before any is filled: what was taken back is shown no longer than that takes. */
  async #begin(fence: number): Promise<Standing> {
    for (const name of this.#tables()) await this.#platform.models.empty(name);
    return await this.#note({ fence, whole: [] });
  }

  async #finish(model: Model, { fence, whole }: Standing): Promise<Standing> {
    for (const name of this.#models[model].names) await this.#platform.models.whole(name);
    return await this.#note({ fence, whole: [...whole, model] });
  }

  /** @returns whether every stream is in the tables */
  async #fill(model: Model, standing: Standing): Promise<boolean> {
    const { prefixes, atOnce } = this.#models[model];
    let batch: string[] = [];
    const take = async () => {
      await this.#take(this.#models[model], batch);
      if (batch.length > 0) await this.#note({ ...standing, after: batch.at(-1)! });
      batch = [];
    };
    for (const prefix of prefixes) {
      for await (const stream of this.#platform.events.streams(prefix)) {
        if (standing.after !== undefined && stream <= standing.after) continue;
        batch.push(stream);
        if (batch.length < atOnce) continue;
        await take();
        if (this.#isOver()) return false;
      }
    }
    await take();
    return true;
  }

  /** One that can't be read keeps no other away: it stays where it is, as when the feed tells of it. @throws what services that are away say */
  async #take(model: InUse, streams: readonly string[]): Promise<void> {
    try {
      await model.fold(streams);
    } catch (fault) {
      if (isOutage(fault)) throw fault;
      if (streams.length > 1) {
        for (const stream of streams) await this.#take(model, [stream]);
        return;
      }
      this.failed++;
      this.#platform.log.error('stream not taken up', { stream: streams[0]!, code: codeOf(fault) });
    }
    this.streams += streams.length;
  }

  async #sweep(): Promise<boolean> {
    for (const name of this.#tables()) if (!(await this.#platform.models.sweep(name, this.#isOver))) return false;
    return true;
  }

  #tables(): readonly string[] {
    return Object.values(this.#models).flatMap(({ names }) => names);
  }

  #note(standing: Standing): Promise<Standing> {
    return noteStanding(this.#platform.directory, standing);
  }
}

function leftOf({ whole }: Standing): readonly Model[] {
  return MODELS.filter((model) => !whole.includes(model));
}

async function standingOf(directory: Directory): Promise<Standing | undefined> {
  const value = await directory.get(STANDING);
  return value === undefined ? undefined : (JSON.parse(value.toString()) as Standing);
}

async function noteStanding(directory: Directory, standing: Standing): Promise<Standing> {
  await directory.put([{ key: STANDING, value: Buffer.from(JSON.stringify(standing)) }]);
  return standing;
}
