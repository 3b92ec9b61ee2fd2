import { type KeyObject, randomBytes } from 'node:crypto';
import { createCsr } from '../../devices/meter/csr.ts';
import { type MeterOptions, type MeterOutput, ReferenceMeter } from '../../devices/meter/meter.ts';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import type { Channel } from '../../events/meter.ts';
import type { Plaintext } from '../../protocol/plaintext.ts';
import { chainStep, type DailySeal, dayChainStart, encodeRecord, parseSeal, type SignedSeal } from '../../protocol/profile.ts';
import { defencesUnderTest } from './defences.ts';
import { pair, T0, TestMdms } from './mdms.ts';
import { MemoryCa } from './memory-ca.ts';

const DAY = 86_400_000;

export const ENERGY_IMPORT: Channel = {
  obis: '1-0:1.8.0',
  direction: 'import',
  unit: 'Wh',
  scale: 1,
  dials: 8,
  multiplier: 1,
  validFrom: 0,
};

/** Bytes that look random and are the same in every run. */
export function seeded(seed: number): (bytes: number) => Buffer {
  let state = seed >>> 0 || 1;
  return (bytes) => {
    const out = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      state >>>= 0;
      out[i] = state & 0xff;
    }
    return out;
  };
}

const ca = new MemoryCa();

/** A meter with an identity of the test CA, and its MDMS. */
export interface TestRig {
  readonly mdms: TestMdms;
  readonly meter: ReferenceMeter;
  readonly options: MeterOptions;
  readonly identityKey: KeyObject;
  /** Hands everything the meter has to say at `now` to the MDMS and its answers back. @returns what was said */
  turn(now: number): Promise<readonly MeterOutput[]>;
}

export const METER_ID = '02a1b2c3d4e5f607';

export async function certificateFor(csr: Buffer, commonName: string, notAfter: number): Promise<Buffer> {
  return ca.issue('meter', csr, { commonName, notBefore: 0, notAfter });
}

export async function rig(change: Partial<MeterOptions> = {}, mdms = new TestMdms()): Promise<TestRig> {
  const identity = pair();
  const meterId = change.meterId ?? METER_ID;
  const csr = await createCsr(`m-${meterId}`, identity.privateKey);
  const asset = change.asset ?? { intervalMinutes: 15, channels: [ENERGY_IMPORT] };
  const options: MeterOptions = {
    meterId,
    asset,
    identity: { privateKey: identity.privateKey, certificate: await certificateFor(csr, `m-${meterId}`, T0 + 1825 * DAY) },
    rootPublicKey: mdms.root.publicKey,
    manifest: await mdms.manifest(),
    nvram: new MemoryNvram(),
    profile: new ProfileStore({ intervalMinutes: asset.intervalMinutes, channels: asset.channels }),
    readingsPerFrame: 4,
    defences: defencesUnderTest(),
    random: randomBytes,
    slotOffsetMs: 60_000,
    ...change,
  };
  const meter = new ReferenceMeter(options);
  const turn = async (now: number): Promise<readonly MeterOutput[]> => {
    const outputs = await meter.poll(now);
    for (const { kind, bytes } of outputs) {
      if (kind === 'hello') {
        const answer = await mdms.answer(bytes, identity.publicKey, now);
        if (answer !== undefined) await meter.receive(answer, now);
      } else if (kind === 'frame') mdms.open(bytes);
    }
    return outputs;
  };
  return { mdms, meter, options, identityKey: identity.publicKey, turn };
}

/** Measures a quarter hour after the other, up to `to`, polling after each. @returns frames by the poll they came from */
export async function play(
  { meter, turn }: TestRig,
  from: number,
  to: number,
  value: (slot: number) => number | null,
  minutes = 15,
): Promise<{ at: number; output: MeterOutput }[]> {
  const said: { at: number; output: MeterOutput }[] = [];
  for (let end = from + minutes * 60_000; end <= to; end += minutes * 60_000) {
    meter.measure(0, end, value(end / (minutes * 60_000)));
    const at = end + 90_000;
    for (const output of await turn(at)) said.push({ at, output });
  }
  return said;
}

/** A rig whose MDMS acknowledges now, so that the epoch is in force. */
export async function running(change: Partial<MeterOptions> = {}): Promise<TestRig> {
  const r = await rig(change);
  await r.turn(T0);
  await r.meter.receive(r.mdms.ack(r.options.meterId, 1, T0 / 1000, r.options.asset.intervalMinutes), T0);
  return r;
}

/** The same rig with an MDMS that acknowledges whatever came, every time. */
export function acking(r: TestRig): TestRig {
  const turn = async (now: number) => {
    const outputs = await r.turn(now);
    const { epoch, pendingEpoch } = r.meter.status;
    if (outputs.length > 0) await r.meter.receive(r.mdms.ack(METER_ID, pendingEpoch ?? epoch ?? 1, T0 / 1000, 15), now);
    return outputs;
  };
  return { ...r, turn };
}

/** Everything the MDMS opened of one kind. */
export function openedOf<K extends Plaintext['kind']>({ mdms }: TestRig, kind: K): Extract<Plaintext, { kind: K }>[] {
  return mdms.opened.map(({ plain }) => plain).filter((plain): plain is Extract<Plaintext, { kind: K }> => plain.kind === kind);
}

/** The daily seals that came. */
export function sealsOf(r: TestRig): (SignedSeal & { readonly bytes: Buffer })[] {
  return openedOf(r, 'seal').map(({ seal }) => parseSeal(seal));
}

/** What an auditor computes from the readings that came: the head of channel 0 at the end of a sealed day. */
export function headOf(seal: DailySeal, r: TestRig): Buffer {
  let head = dayChainStart(METER_ID, 0, seal.start, seal.salt);
  let register = seal.channels[0]!.registerStart;
  for (let hour = seal.start; hour < seal.end; hour += 3600) {
    const records: Buffer[] = [];
    for (let end = hour + 900; end <= Math.min(hour + 3600, seal.end); end += 900) {
      const value = r.mdms.slots.get(`0 ${end}`);
      if (value === undefined || value === null) continue;
      register += value;
      records.push(encodeRecord({ end, register, value, flags: 0 }));
    }
    head = chainStep(head, records);
  }
  return head;
}
