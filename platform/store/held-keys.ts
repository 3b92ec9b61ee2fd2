import type { Clock } from '../ports/platform.ts';
import { keepNewest } from './newest.ts';

/** An unwrapped key stays in memory this long, by the platform's clock. */
export const KEY_LIFE_MS = 15 * 60_000;
/**
 * So long does that of a segment: it opens the telemetry of one segment and nothing else, its row is destroyed a day after it was last used,
 * and batches come a quarter-hour apart: each would find a younger key cold (docs/adr/0040).
 */
export const SEGMENT_KEY_LIFE_MS = 60 * 60_000;

/** @param name of a row, or what row ids of a class begin with */
export function keyLifeOf(name: string): number {
  return name.startsWith('segment/') ? SEGMENT_KEY_LIFE_MS : KEY_LIFE_MS;
}

/**
 * Unwrapped keys by name. None is given out past its life, and those past it go whenever another one comes: keys of equal lives lie together
 * in the order of their coming, so that what is due stands in front.
 */
export class HeldKeys<Held extends { readonly openedAt: number }> {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #byLife = new Map([KEY_LIFE_MS, SEGMENT_KEY_LIFE_MS].map((life) => [life, new Map<string, Held>()]));

  /** @param capacity keys of one life held at most; the one that came first gives way */
  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** One that is still to be used. */
  get(name: string): Held | undefined {
    const held = this.#shelfOf(name).get(name);
    return held !== undefined && this.#isAlive(held, keyLifeOf(name)) ? held : undefined;
  }

  set(name: string, held: Held): void {
    this.sweep();
    keepNewest(this.#shelfOf(name), name, held, this.#capacity);
  }

  delete(name: string): void {
    this.#shelfOf(name).delete(name);
  }

  /** Lets go of what is past its life. */
  sweep(): void {
    for (const [life, shelf] of this.#byLife) {
      for (const [name, held] of shelf) {
        if (this.#isAlive(held, life)) break;
        shelf.delete(name);
      }
    }
  }

  #isAlive({ openedAt }: Held, life: number): boolean {
    return this.#clock.now() - openedAt < life;
  }

  #shelfOf(name: string): Map<string, Held> {
    return this.#byLife.get(keyLifeOf(name))!;
  }
}
