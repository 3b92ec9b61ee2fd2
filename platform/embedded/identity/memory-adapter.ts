import type { Adapter } from 'oidc-provider';

interface Kept {
  payload: Record<string, unknown>;
  readonly until: number;
}

/** More open sign-ins than this at a time are nobody's: the oldest goes. */
const MOST = 10_000;
const FOR_EVER = Number.POSITIVE_INFINITY;

/**
 * What the provider gives out, in memory: after a restart everybody signs in again. Codes are used once, and tokens of a grant end with it.
 * @returns a place for each model
 */
export function memoryAdapter(): (model: string) => Adapter {
  const places = new Map<string, MemoryAdapter>();
  return (model) => {
    const place = places.get(model) ?? new MemoryAdapter();
    places.set(model, place);
    return place;
  };
}

class MemoryAdapter implements Adapter {
  readonly #rows = new Map<string, Kept>();

  async upsert(id: string, payload: Record<string, unknown>, seconds?: number): Promise<void> {
    this.#rows.delete(id);
    this.#rows.set(id, { payload: { ...payload }, until: seconds === undefined ? FOR_EVER : Date.now() + seconds * 1_000 });
    if (this.#rows.size > MOST) this.#makeRoom();
  }

  async find(id: string): Promise<Record<string, unknown> | undefined> {
    const kept = this.#rows.get(id);
    if (kept === undefined) return undefined;
    if (Date.now() < kept.until) return { ...kept.payload };
    this.#rows.delete(id);
    return undefined;
  }

  async findByUid(uid: string): Promise<Record<string, unknown> | undefined> {
    for (const [id, { payload }] of this.#rows) if (payload['uid'] === uid) return await this.find(id);
    return undefined;
  }

  /** What is over goes before anything that is not. */
  #makeRoom(): void {
    const now = Date.now();
    for (const [id, { until }] of this.#rows) if (until <= now) this.#rows.delete(id);
    if (this.#rows.size > MOST) this.#rows.delete(this.#rows.keys().next().value!);
  }

  /** No device shows a code here. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const kept = this.#rows.get(id);
    if (kept !== undefined) kept.payload = { ...kept.payload, consumed: Math.floor(Date.now() / 1_000) };
  }

  async destroy(id: string): Promise<void> {
    this.#rows.delete(id);
  }

  /** Of this model alone: an open sign-in names the grant that was there before, and outlives it. */
  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.#rows) if (payload['grantId'] === grantId) this.#rows.delete(id);
  }
}
