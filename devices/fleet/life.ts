import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Member } from './member.ts';
import type { Published } from './published.ts';
import { Radio } from './radio.ts';
import type { Seat } from './seat.ts';
import { Stray } from './stray.ts';
import type { Town } from './town.ts';
import type { TruthLedger } from './truth.ts';

const HOUR_MS = 3_600_000;
/** Real ms without a message after which nothing more is on its way. */
const QUIET_MS = 5;

export interface LifeOptions {
  readonly town: Town;
  readonly seed: string;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly published: Published;
  readonly ledger: TruthLedger;
  /** Virtual time at which life goes on, UTC ms. */
  readonly now: number;
  /** End of the last interval measured, UTC ms. */
  readonly measuredTo: number;
  /** Something was sent and acknowledged, or an hour passed. @param at UTC ms */
  readonly onStep: (at: number) => void;
}

/**
 * Virtual time in a town: intervals end, each meter sends in its own slot, concentrators relay once the slots are
 * over, and what came back is handed to the meters.
 */
export class Life {
  readonly #options: LifeOptions;
  readonly #radio: Radio;
  readonly #members = new Map<string, Member>();
  readonly #stray: Stray | undefined;
  /** What frames look like here. */
  #sample: Buffer | undefined;
  readonly #inbox: { readonly meterId: string; readonly bytes: Buffer }[] = [];
  #arrived = 0;
  #unflushed = true;
  now: number;
  measuredTo: number;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.#radio = new Radio(options.seed);
    const spare = options.town.homes.find((home) => home.spare);
    this.#stray = spare && new Stray(spare, options.town.start, options.seed);
    this.now = options.now;
    this.measuredTo = options.measuredTo;
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  join(member: Member): void {
    this.#members.set(member.home.meterId, member);
  }

  /** A message for a meter has come; the meter hears it when time next moves. */
  deliver(meterId: string, bytes: Buffer): void {
    this.#arrived += 1;
    this.#inbox.push({ meterId, bytes });
  }

  /** What was sent before time was told to move is still on the wire: waits in real time until it has come. */
  async quiet(): Promise<void> {
    for (let before = -1; before !== this.#arrived; ) {
      before = this.#arrived;
      await setTimeout(QUIET_MS);
    }
    await this.hear();
  }

  /** Time passes up to, but not including, `to` (UTC ms); intervals that end by then are measured. */
  async live(to: number): Promise<void> {
    const { town } = this.#options;
    const stepMs = town.intervalMinutes * 60_000;
    for (let end = this.measuredTo + stepMs; end <= Math.min(to, town.end); end += stepMs) {
      await this.pass(end);
      this.#measure(end);
      this.#sendStray(end);
    }
    await this.pass(to);
  }

  /** The same without measuring. */
  async pass(to: number): Promise<void> {
    while (this.now < to) {
      const next = Math.min(to, (Math.floor(this.now / HOUR_MS) + 1) * HOUR_MS);
      await this.#poll(next);
      this.now = next;
      const relayed = await this.relay();
      await setImmediate();
      await this.hear();
      if (relayed || next % HOUR_MS === 0) this.#options.onStep(next);
    }
  }

  /** Concentrators send what they have. @returns whether there was a reason to */
  async relay(): Promise<boolean> {
    if (!this.#unflushed) return false;
    const reports = await Promise.all([...this.#options.seats.values()].map((seat) => seat.relay.flush()));
    this.#unflushed = reports.some((report) => report.failed > 0);
    return true;
  }

  /** Hands meters what came for them. */
  async hear(): Promise<void> {
    for (const { meterId, bytes } of this.#inbox.splice(0)) await this.#members.get(meterId)?.meter.receive(bytes, this.now);
  }

  /** Slots that wait for an acknowledgement, and slots the MDMS keeps in quarantine. */
  open(): { unacknowledged: number; held: number } {
    const open = { unacknowledged: 0, held: 0 };
    for (const { meter } of this.#members.values()) {
      const { unacknowledged, held } = meter.status;
      open.unacknowledged += unacknowledged;
      open.held += held;
    }
    return open;
  }

  #measure(end: number): void {
    const { town, ledger } = this.#options;
    for (const { index, home, meter } of this.#members.values()) {
      for (let channel = 0; channel < home.asset.channels.length; channel++) {
        const measured = town.measured(index, channel, end);
        if (measured === undefined) continue;
        meter.measure(channel, end, measured.value, measured.advance);
        const { scale, multiplier } = home.asset.channels[channel]!;
        if (measured.value !== null) ledger.record(home.meterId, channel, end, measured.value * scale * multiplier);
      }
    }
    this.measuredTo = end;
  }

  #sendStray(at: number): void {
    const stray = this.#stray;
    if (stray === undefined || this.#sample === undefined) return;
    for (const bytes of stray.frames(at, this.#sample)) {
      for (const dcId of stray.relays) this.#options.seats.get(dcId)!.relay.accept({ kind: 'frame', bytes }, stray.meterId);
      this.#unflushed = true;
    }
  }

  async #poll(limit: number): Promise<void> {
    const due = [...this.#members.values()].filter((member) => member.nextPoll < limit).sort((a, b) => a.nextPoll - b.nextPoll);
    for (const member of due) {
      while (member.nextPoll < limit) {
        this.now = Math.max(this.now, member.nextPoll);
        await this.#send(member);
        member.nextPoll = member.meter.nextSlotAt(member.nextPoll);
      }
    }
  }

  async #send({ home, meter, nextPoll }: Member): Promise<void> {
    const { published, seats } = this.#options;
    for (const output of await meter.poll(nextPoll)) {
      if (output.kind === 'frame') this.#sample = output.bytes;
      if (output.kind === 'hello') published.hellos += 1;
      if (output.kind === 'renewal') published.renewals += 1;
      for (const dcId of this.#radio.heardBy(home.relays)) seats.get(dcId)!.relay.accept(output, home.meterId);
      this.#unflushed = true;
    }
  }
}
