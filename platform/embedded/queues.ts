import { JoulekeepError } from '../../events/errors.ts';
import { MESSAGE_LIMIT, QUEUES, type QueueSpec } from '../../topology/queues.ts';
import type { QueueStanding, Queues } from '../ports/platform.ts';
import { QueueFile } from './queue-file.ts';
import { GroupCommit } from './sqlite/group-commit.ts';

const DAY_MS = 86_400_000;
const EXPIRY_CHECK_MS = 3_600_000;
/** As in SQS. */
const RECEIVE_LIMIT = 10;
const PEEKED = 10_000;

export interface ReceivedMessage {
  readonly messageId: string;
  /** Names this very receipt: void once the message is received again. */
  readonly receipt: string;
  readonly body: string;
  /** From 1. */
  readonly receiveCount: number;
  /** UTC ms, real time. */
  readonly sentAt: number;
}

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
}

/**
 * Queues with the semantics of SQS standard queues: at least once, roughly in order; a message that is not deleted in
 * time comes back, and after too many receipts goes to the dead letters. Sending is durable. Receipts and deletions survive
 * the end of the process but may be lost with the power, which costs a redelivery. Times are real, never the platform's
 * clock: that one may jump, and messages in flight must not jump with it.
 */
export class EmbeddedQueues implements Queues {
  readonly #file: QueueFile;
  readonly #group: GroupCommit;
  readonly #specs: readonly QueueSpec[];
  readonly #listeners = new Set<(queue: string) => void>();
  readonly #waiters = new Set<(queue?: string) => void>();
  #closed = false;
  #expiredAt = 0;

  constructor(path: string, specs: readonly QueueSpec[] = QUEUES) {
    this.#file = new QueueFile(path);
    this.#specs = specs;
    const { database } = this.#file;
    this.#group = new GroupCommit(database, {
      before: () => database.exec('PRAGMA synchronous = FULL'),
      after: () => database.exec('PRAGMA synchronous = NORMAL'),
    });
  }

  /** @throws ERR_QUEUE_UNKNOWN, ERR_MESSAGE_TOO_LARGE over 256 KiB */
  async send(queue: string, body: string): Promise<void> {
    this.#checkName(queue);
    if (Buffer.byteLength(body) > MESSAGE_LIMIT)
      throw new JoulekeepError('ERR_MESSAGE_TOO_LARGE', `a message has at most ${MESSAGE_LIMIT} bytes`);
    await this.#group.add(() => this.#file.insert(queue, body, realNow()));
    this.#announce(queue);
  }

  /**
   * Takes up to `max` messages (1 to 10) and hides them. A message on its way beyond `maxReceiveCount` goes to the dead
   * letters instead. @param visibilityMs default: as the topology says
   */
  async receive(queue: string, max: number, visibilityMs?: number): Promise<readonly ReceivedMessage[]> {
    this.#checkName(queue);
    this.#expire();
    const spec = this.#specs.find(({ name }) => name === queue);
    const now = realNow();
    const until = now + (visibilityMs ?? (spec?.visibilitySeconds ?? 30) * 1000);
    return this.#file.together(() => {
      if (spec) this.#buryWorn(spec, now);
      return this.#file.due(queue, now, Math.min(max, RECEIVE_LIMIT)).map(({ id, receives, sentAt }) => {
        this.#file.hide(id, until);
        const receiveCount = receives + 1;
        return { messageId: `${queue}-${id}`, receipt: `${id}/${receiveCount}`, body: this.#file.body(id), receiveCount, sentAt };
      });
    });
  }

  /** Bodies of a queue's messages, also of those in flight, oldest first; none of them is received. */
  peek(queue: string): readonly string[] {
    this.#checkName(queue);
    const rows = this.#file.due(queue, Number.MAX_SAFE_INTEGER, PEEKED);
    return [...rows].sort((a, b) => a.id - b.id).map(({ id }) => this.#file.body(id));
  }

  /** Done with these messages. A void receipt is ignored: the message belongs to whoever received it since. */
  async delete(receipts: readonly string[]): Promise<void> {
    if (receipts.length === 0) return;
    this.#file.together(() => {
      for (const { id, receives } of receipts.map(parseReceipt)) this.#file.remove(id, receives);
    });
  }

  /** The message shows again after so many ms from now; 0 = at once. */
  async changeVisibility(receipt: string, visibilityMs: number): Promise<void> {
    const { id, receives } = parseReceipt(receipt);
    this.#file.reschedule(id, receives, realNow() + visibilityMs);
  }

  async depth(queue: string): Promise<QueueDepth> {
    this.#checkName(queue);
    return this.#file.depth(queue, realNow());
  }

  async standing(): Promise<readonly QueueStanding[]> {
    const now = realNow();
    const count = (queue: string) => {
      const { visible, inFlight } = this.#file.depth(queue, now);
      return visible + inFlight;
    };
    return this.#specs.map(({ name, deadLetter }) => ({ queue: name, waiting: count(name), failed: count(deadLetter) }));
  }

  /** Sends dead letters back to the queue they came from. @returns how many */
  async redrive(deadLetter: string): Promise<number> {
    this.#checkName(deadLetter);
    const moved = this.#file.redrive(deadLetter, realNow());
    for (const { name, deadLetter: from } of this.#specs) if (from === deadLetter) this.#announce(name);
    return moved;
  }

  /**
   * Shows everything that is in flight at once: for a host that starts and knows that no consumer is left. Receipts of
   * before stay counted. @returns how many
   */
  async releaseInFlight(): Promise<number> {
    return this.#file.release(realNow());
  }

  /** Calls back whenever a message has become durable. @returns ends it */
  onArrival(listener: (queue: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when a message of the queue can be received, after the timeout, or when the queues are closed. */
  async waitForMessage(queue: string, timeoutMs: number): Promise<void> {
    const deadline = realNow() + timeoutMs;
    while (!this.#closed) {
      // A timer may end a moment before its time.
      const wait = Math.min(deadline, this.#file.nextDue(queue) ?? deadline) - realNow();
      if (wait <= 0) return;
      await this.#arrivalOrTimeout(queue, wait);
    }
  }

  /** Writes what waits, and wakes whoever waits. */
  close(): void {
    this.#closed = true;
    for (const wake of this.#waiters) wake();
    this.#group.close();
    this.#file.database.close();
  }

  #arrivalOrTimeout(queue: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (arrived?: string) => {
        if (arrived !== undefined && arrived !== queue) return;
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiters.add(wake);
    });
  }

  #announce(queue: string): void {
    for (const tell of [...this.#waiters, ...this.#listeners]) tell(queue);
  }

  #buryWorn({ name, deadLetter, maxReceiveCount }: QueueSpec, now: number): void {
    for (;;) {
      const worn = this.#file.due(name, now, RECEIVE_LIMIT).filter(({ receives }) => receives >= maxReceiveCount);
      if (worn.length === 0) return;
      for (const { id } of worn) this.#file.bury(id, deadLetter, now);
    }
  }

  #expire(): void {
    const now = realNow();
    if (now - this.#expiredAt < EXPIRY_CHECK_MS) return;
    this.#expiredAt = now;
    this.#file.together(() => {
      for (const { name, deadLetter, retentionDays } of this.#specs) {
        for (const queue of [name, deadLetter]) this.#file.expire(queue, now - retentionDays * DAY_MS);
      }
    });
  }

  #checkName(queue: string): void {
    if (this.#specs.some(({ name, deadLetter }) => name === queue || deadLetter === queue)) return;
    throw new JoulekeepError('ERR_QUEUE_UNKNOWN', `the topology has no queue ${queue}`);
  }
}

/** Real time that never steps back inside a process. */
function realNow(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

function parseReceipt(receipt: string): { id: number; receives: number } {
  const [id, receives] = receipt.split('/').map(Number);
  if (!Number.isSafeInteger(id) || !Number.isSafeInteger(receives))
    throw new JoulekeepError('ERR_RECEIPT_INVALID', 'not a receipt of this queue');
  return { id: id!, receives: receives! };
}
