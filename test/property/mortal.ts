import type { Platform } from '../../platform/ports/platform.ts';

/** Numbers that look random and are the same for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** @returns 0 to below `sides` */
  roll(sides: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % sides;
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const mixed = [...items];
    for (let i = mixed.length - 1; i > 0; i--) {
      const other = this.roll(i + 1);
      [mixed[i], mixed[other]] = [mixed[other]!, mixed[i]!];
    }
    return mixed;
  }
}

/** The life of one process: it ends at the n-th moment at which it begins or ends waiting for something. */
export class Life {
  readonly #dice: Dice;
  #moments: number;
  dead = false;

  constructor(dice: Dice, moments = Number.POSITIVE_INFINITY) {
    this.#dice = dice;
    this.#moments = moments;
  }

  /** From now on it has so many moments left. */
  doom(moments: number): void {
    this.#moments = moments;
  }

  end(): void {
    this.dead = true;
  }

  /** Something is waited for: others run meanwhile, and the process may end before it, or after it without hearing of it. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    this.moment();
    for (let i = this.#dice.roll(4); i > 0; i--) await Promise.resolve();
    if (this.#dice.chance(3)) await new Promise((resolve) => setImmediate(resolve));
    this.moment();
    const result = await work();
    this.moment();
    return result;
  }

  moment(): void {
    if (!this.dead && --this.#moments <= 0) this.dead = true;
    if (this.dead) throw new Error('this process is gone');
  }
}

/** A platform as a process that may end sees it. What it had asked for still happens; what it waits for never comes. */
export function mortal(platform: Platform, life: Life): Platform {
  return {
    ...platform,
    events: {
      append: (head, commit) => {
        life.moment();
        const appended = platform.events.append(head, commit);
        return { ...appended, durable: life.through(() => appended.durable) };
      },
      head: (stream, subject) => life.through(() => platform.events.head(stream, subject)),
      rowsOf: (stream) => life.through(() => platform.events.rowsOf(stream)),
      traceAt: (stream, version) => life.through(() => platform.events.traceAt(stream, version)),
      latest: (stream) => life.through(() => platform.events.latest(stream)),
      verify: (stream) => life.through(() => platform.events.verify(stream)),
      anchor: (stream) => life.through(() => platform.events.anchor(stream)),
      isHot: (stream) => life.through(() => platform.events.isHot(stream)),
      trim: (head, body) => life.through(() => platform.events.trim(head, body)),
      archive: (streams) => life.through(() => platform.events.archive(streams)),
      sweep: () => life.through(() => platform.events.sweep()),
      prepare: (subjects) => life.through(() => platform.events.prepare(subjects)),
      read: (stream, from, access) => through(life, platform.events.read(stream, from, access)),
      evidence: (stream, from, access) => through(life, platform.events.evidence(stream, from, access)),
      streams: (prefix) => through(life, platform.events.streams(prefix)),
    },
    keys: {
      get: (id) => life.through(() => platform.keys.get(id)),
      list: (prefix) => life.through(() => platform.keys.list(prefix)),
      destroyed: (prefix) => life.through(() => platform.keys.destroyed(prefix)),
      putIfAbsent: (row) => life.through(() => platform.keys.putIfAbsent(row)),
      destroy: (id) => life.through(() => platform.keys.destroy(id)),
    },
    directory: {
      get: (key) => life.through(() => platform.directory.get(key)),
      getMany: (keys) => life.through(() => platform.directory.getMany(keys)),
      put: (entries) => life.through(() => platform.directory.put(entries)),
      list: (prefix) => through(life, platform.directory.list(prefix)),
    },
    queues: {
      send: (queue, body) => life.through(() => platform.queues.send(queue, body)),
      standing: () => life.through(() => platform.queues.standing()),
    },
    bus: { publish: (events) => life.through(() => platform.bus.publish(events)) },
    downlink: { publish: (topic, payload) => life.through(() => platform.downlink.publish(topic, payload)) },
  };
}

async function* through<T>(life: Life, items: AsyncIterable<T>): AsyncIterable<T> {
  await life.through(() => Promise.resolve());
  for await (const item of items) {
    life.moment();
    yield item;
  }
}
