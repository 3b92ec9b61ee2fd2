import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../protocol/frame.ts';
import { parseHello } from '../../protocol/handshake.ts';
import { dayKeyBy } from '../support/day-key.ts';
import { T0, TestMdms } from '../support/mdms.ts';
import { METER_ID, rig, type TestRig } from '../support/meter-rig.ts';

const QUARTER = 900_000;
const HOUR = 4 * QUARTER;

/** What the network and the world may do next. A place names one of the messages under way. */
const step = fc.oneof(
  { arbitrary: fc.record({ what: fc.constant('time' as const), quarters: fc.integer({ min: 1, max: 8 }) }), weight: 3 },
  { arbitrary: fc.record({ what: fc.constantFrom('week', 'healthy') }), weight: 2 },
  { arbitrary: fc.record({ what: fc.constantFrom('up', 'down'), place: fc.nat(40), stays: fc.boolean() }), weight: 10 },
  { arbitrary: fc.record({ what: fc.constantFrom('lose up', 'lose down'), place: fc.nat(40) }), weight: 2 },
  { arbitrary: fc.record({ what: fc.constant('acknowledge' as const), stale: fc.boolean() }), weight: 4 },
  { arbitrary: fc.record({ what: fc.constant('reboot' as const) }), weight: 1 },
  { arbitrary: fc.record({ what: fc.constant('stranger answers' as const) }), weight: 2 },
  { arbitrary: fc.record({ what: fc.constant('flip' as const), place: fc.nat(40), bit: fc.nat(4_000) }), weight: 1 },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Uplink {
  readonly kind: string;
  readonly bytes: Buffer;
}

/** Meter, MDMS, and a network between them that loses, doubles, delays and reorders. */
class Network {
  readonly up: Uplink[] = [];
  readonly down: Buffer[] = [];
  /** Epochs of which the MDMS has opened a frame: there is no other confirmation. */
  readonly confirmed = new Set<number>();
  readonly hellos = new Map<number, string>();
  readonly seen = new Map<string, number>();
  readonly #rig: TestRig;
  readonly #stranger = new TestMdms();
  #now = T0;
  #end = T0;
  #highestActive = 0;

  constructor(meter: TestRig) {
    this.#rig = meter;
  }

  async play(one: Step): Promise<void> {
    const { meter, mdms } = this.#rig;
    switch (one.what) {
      case 'time':
        return await this.#pass(one.quarters);
      case 'week':
        this.#now += 7 * 86_400_000;
        this.#end = this.#now - (this.#now % QUARTER);
        return await this.#pass(1);
      case 'healthy':
        return await this.#healthy();
      case 'up':
        return await this.#arrive(taken(this.up, one));
      case 'down': {
        const bytes = taken(this.down, one);
        return bytes && (await meter.receive(bytes, this.#now));
      }
      case 'lose up':
        return void taken(this.up, { ...one, stays: false });
      case 'lose down':
        return void taken(this.down, { ...one, stays: false });
      case 'acknowledge': {
        const epochs = [...this.confirmed].sort((a, b) => a - b);
        const epoch = one.stale ? epochs[0] : epochs.at(-1);
        return void (epoch !== undefined && this.down.push(mdms.ack(METER_ID, epoch, T0 / 1000, 15)));
      }
      case 'reboot':
        return meter.reboot();
      case 'stranger answers': {
        const hello = this.up.filter(({ kind }) => kind === 'hello').at(-1)?.bytes;
        if (hello === undefined) return;
        // Under the name of the true key, by another one.
        const named = { privateKey: this.#stranger.handshake.privateKey, spki: mdms.handshake.spki };
        const { dayKey } = await dayKeyBy(named, this.#now - HOUR);
        return void this.down.push(await this.#stranger.acceptOf(hello, this.#now, { dayKey }));
      }
      case 'flip': {
        const bytes = this.down[one.place % Math.max(1, this.down.length)];
        if (bytes === undefined) return;
        const flipped = Buffer.from(bytes);
        flipped[(one.bit >> 3) % flipped.length]! ^= 1 << (one.bit & 7);
        this.down.push(flipped);
      }
    }
  }

  /** For a moment everything arrives, in order, and is acknowledged. */
  async #healthy(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      await this.#pass(2);
      while (this.up.length > 0) await this.#arrive(this.up.shift());
      await this.play({ what: 'acknowledge', stale: false });
      while (this.down.length > 0) await this.#rig.meter.receive(this.down.shift()!, this.#now);
    }
  }

  async #pass(quarters: number): Promise<void> {
    for (let i = 0; i < quarters; i++) {
      this.#end += QUARTER;
      this.#now = this.#end + 90_000;
      this.#rig.meter.measure(0, this.#end, 100);
      for (const output of await this.#rig.meter.poll(this.#now)) this.#said(output);
    }
  }

  /** One epoch number belongs to one HELLO: a number said twice with other bytes would be two secrets under one name. */
  #said({ kind, bytes }: Uplink): void {
    this.up.push({ kind, bytes });
    if (kind !== 'hello') return;
    const { epoch } = parseHello(bytes).message;
    const said = bytes.toString('hex');
    expect(this.hellos.get(epoch) ?? said).toBe(said);
    this.hellos.set(epoch, said);
  }

  async #arrive(message: Uplink | undefined): Promise<void> {
    if (message === undefined) return;
    const { mdms, identityKey } = this.#rig;
    if (message.kind === 'hello') {
      const answer = await mdms.answer(message.bytes, identityKey, this.#now);
      if (answer !== undefined) this.down.push(answer);
    } else if (message.kind === 'frame') {
      const { epoch } = readHeader(message.bytes, 0);
      // Opens, or throws: a frame under a key that the MDMS does not have is two sides that confirmed two keys.
      mdms.open(message.bytes);
      this.confirmed.add(epoch);
      this.#count('opened');
    }
  }

  /** What has to hold after every step. */
  check(): void {
    const { epoch, pendingEpoch } = this.#rig.meter.status;
    if (epoch !== undefined) {
      expect(this.confirmed).toContain(epoch);
      expect(epoch).toBeGreaterThanOrEqual(this.#highestActive);
      if (epoch > this.#highestActive) this.#count('activated');
      this.#highestActive = epoch;
    }
    if (pendingEpoch === undefined) return;
    expect(this.#rig.mdms.secrets.has(pendingEpoch)).toBe(true);
    expect(pendingEpoch).toBeGreaterThan(epoch ?? 0);
    this.#count('pending');
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

function taken<T>(list: T[], { place, stays }: { place: number; stays: boolean }): T | undefined {
  if (list.length === 0) return undefined;
  // The newest is likelier than any other, or nothing would ever get through.
  const at = place % 2 === 0 ? list.length - 1 : place % list.length;
  return stays ? list[at] : list.splice(at, 1)[0];
}

describe('the handshake over a network that loses, doubles, reorders and forges', () => {
  it('C10.1-2, C10.1-3, C10.1-6: no two sides ever confirm different keys, and no epoch is in force that no frame confirmed', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 70 }), async (steps) => {
        const network = new Network(await rig());
        await network.play({ what: 'time', quarters: 1 });
        for (const one of steps) {
          await network.play(one);
          network.check();
        }
        for (const [what, times] of network.seen) seen.set(what, (seen.get(what) ?? 0) + times);
      }),
      { numRuns: 30 },
    );
    // Nothing is proved where nothing got through.
    for (const what of ['opened', 'pending', 'activated']) expect([what, (seen.get(what) ?? 0) >= 5]).toEqual([what, true]);
  });
});
