import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairTurns, type Turn } from '../../platform/embedded/https/fair-turns.ts';

/** A request, from its arrival on. */
interface Request {
  readonly caller: string;
  readonly place: number;
  turn?: Turn;
  isOver?: true;
}

/** Turns whose time goes when a test says so, and what came of every request. */
class Room {
  readonly turns: FairTurns;
  readonly requests: Request[] = [];
  /** In the order in which they began. */
  readonly begun: Request[] = [];
  readonly timers = new Set<() => void>();

  constructor(atOnce: number, waitingPerCaller: number) {
    this.turns = new FairTurns({ atOnce, waitingPerCaller, turnMs: 1_000 }, (_, callback) => {
      this.timers.add(callback);
      return () => this.timers.delete(callback);
    });
  }

  get waiting(): Request[] {
    return this.requests.filter(({ turn }) => turn === undefined);
  }

  get atWork(): Request[] {
    return this.begun.filter(({ isOver }) => isOver !== true);
  }

  /** @returns whether the request may wait or work at all */
  async ask(caller: string): Promise<boolean> {
    const request: Request = { caller, place: this.requests.length };
    const taken = this.turns.take(caller);
    if (taken === undefined) return false;
    this.requests.push(request);
    void taken.then((turn) => {
      request.turn = turn;
      this.begun.push(request);
    });
    await settled();
    return true;
  }

  async end(request: Request): Promise<void> {
    request.isOver = true;
    request.turn!.end();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let n = 0; n < 3; n++) await Promise.resolve();
}

type Step = { readonly ask: string } | { readonly end: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ ask: fc.constantFrom('greedy', 'greedy too', 'ann', 'ben', 'cem') }),
    fc.record({ ask: fc.constant('greedy') }),
    fc.record({ end: fc.nat(10) }),
  ),
  { maxLength: 80 },
);
const rooms = fc.record({ atOnce: fc.integer({ min: 1, max: 3 }), waitingPerCaller: fc.integer({ min: 1, max: 5 }) });

async function play(room: Room, played: readonly Step[], check: (step: Step, taken: boolean) => void): Promise<void> {
  for (const step of played) {
    let taken = true;
    if ('ask' in step) taken = await room.ask(step.ask);
    else if (room.atWork.length > 0) await room.end(room.atWork[step.end % room.atWork.length]!);
    check(step, taken);
  }
}

/** When a caller began last before the request of this number began; -1 for never. */
function lastBegun(begun: readonly Request[], caller: string, before: number): number {
  return begun.slice(0, before).findLastIndex((one) => one.caller === caller);
}

describe('turns of callers', () => {
  it('T8.3-2: never more at work than may be, never fewer while somebody waits, and of nobody more waiting than may', async () => {
    await fc.assert(
      fc.asyncProperty(rooms, steps, async ({ atOnce, waitingPerCaller }, played) => {
        const room = new Room(atOnce, waitingPerCaller);
        await play(room, played, (step, taken) => {
          expect(room.atWork.length).toBeLessThanOrEqual(atOnce);
          if (room.waiting.length > 0) expect(room.atWork).toHaveLength(atOnce);
          const waits = (caller: string) => room.waiting.filter((one) => one.caller === caller).length;
          for (const { caller } of room.waiting) expect(waits(caller)).toBeLessThanOrEqual(waitingPerCaller);
          if ('ask' in step && !taken) expect(waits(step.ask)).toBe(waitingPerCaller);
        });
      }),
    );
  });

  it('T8.3-2: the next is of whoever was served least lately, of one caller the first that came', async () => {
    await fc.assert(
      fc.asyncProperty(rooms, steps, async ({ atOnce, waitingPerCaller }, played) => {
        const room = new Room(atOnce, waitingPerCaller);
        let known = 0;
        let before: readonly Request[] = [];
        await play(room, played, (step) => {
          const next = room.begun[known];
          if ('end' in step && next !== undefined && room.begun.length > known) {
            const servedAt = lastBegun(room.begun, next.caller, known);
            for (const other of before) expect(lastBegun(room.begun, other.caller, known)).toBeGreaterThanOrEqual(servedAt);
            // Of its own caller, and of others who never were served if it was not either.
            const alike = before.filter(({ caller }) => lastBegun(room.begun, caller, known) === servedAt);
            expect(next.place).toBe(Math.min(...alike.map(({ place }) => place)));
          }
          known = room.begun.length;
          before = room.waiting;
        });
      }),
    );
  });

  it('T8.3-2: nobody starves: while somebody’s first request waits, everybody else begins one at most', async () => {
    await fc.assert(
      fc.asyncProperty(rooms, steps, async ({ atOnce, waitingPerCaller }, played) => {
        const room = new Room(atOnce, waitingPerCaller);
        /** Of each caller whose first request waits: who began since it became the first. */
        const overtaking = new Map<string, { first: Request; by: string[] }>();
        let known = 0;
        const look = () => {
          const fresh = room.begun.slice(known);
          known = room.begun.length;
          for (const { by } of overtaking.values()) by.push(...fresh.map(({ caller }) => caller));
          for (const { by } of overtaking.values()) expect(new Set(by).size).toBe(by.length);
          const first = new Map(room.waiting.toReversed().map((one) => [one.caller, one] as const));
          for (const caller of overtaking.keys()) if (first.get(caller) !== overtaking.get(caller)!.first) overtaking.delete(caller);
          for (const [caller, one] of first) if (!overtaking.has(caller)) overtaking.set(caller, { first: one, by: [] });
        };
        await play(room, played, look);
        while (room.atWork.length > 0) {
          await room.end(room.atWork[0]!);
          look();
        }
        expect(room.begun).toHaveLength(room.requests.length);
      }),
    );
  });

  it('T8.3-2: who asks seldom waits for one to be done, however many of others wait', async () => {
    const room = new Room(1, 64);
    await room.ask('ann');
    await room.end(room.begun[0]!);
    for (let n = 0; n < 50; n++) for (const caller of ['greedy', 'greedy too', 'greedy as well']) await room.ask(caller);
    for (let n = 0; n < 6; n++) await room.end(room.atWork[0]!);
    await room.ask('ann');
    await room.end(room.atWork[0]!);
    expect(room.atWork.map(({ caller }) => caller)).toEqual(['ann']);
  });

  it('T8.3-2: whatever takes too long makes room, and ending it later makes no more', async () => {
    const room = new Room(1, 64);
    for (const caller of ['slow', 'ann', 'ben']) await room.ask(caller);
    const [slow] = room.begun;
    slow!.isOver = true;
    for (const over of [...room.timers]) over();
    await settled();
    expect(room.begun.map(({ caller }) => caller)).toEqual(['slow', 'ann']);
    await room.end(slow!);
    expect(room.waiting.map(({ caller }) => caller)).toEqual(['ben']);
  });
});
