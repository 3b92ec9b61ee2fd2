import type { Reply } from './session.ts';

/** How somebody waits for a service that asks them to come back later. */
export interface Patience {
  /** Statuses that ask for it. */
  readonly statuses: readonly number[];
  /** Requests in all. */
  readonly attempts: number;
  /** Before the next one, where the service does not say how long. @param tried requests so far */
  readonly waitMs: (tried: number) => number;
  pause(ms: number): Promise<void>;
  /** Nobody waits for it any more. */
  stopped(): boolean;
}

/** The same request again, after as long as the service asks for. @returns the last reply */
export async function patiently<T>(attempt: () => Promise<Reply<T>>, patience: Patience): Promise<Reply<T>> {
  for (let tried = 1; ; tried++) {
    const reply = await attempt();
    if (reply.ok || !patience.statuses.includes(reply.status) || tried === patience.attempts || patience.stopped()) return reply;
    await patience.pause(reply.retryAfterSeconds === undefined ? patience.waitMs(tried) : reply.retryAfterSeconds * 1_000);
    if (patience.stopped()) return reply;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
