import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { AssetRecord, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import { ASSET } from '../subjects/given.ts';
import { ratedAnew, record, recordBill, recordFalseBill } from './false-bills.ts';
import { accountOf, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const METER = '00124b0000000001';
const SINCE = Date.UTC(2026, 9, 23, 23);
const RECORD_BYTES = 13;
const DAYS = [24, 25, 26].map((day) => `meterday/${METER}/2026-10-${day}.2`);

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

type Collected = Extract<MeterDayEvent, { type: 'ReadingsCollected' }>['data'];
type Final = Extract<MeterDayEvent, { type: 'DayFinalized' }>['data'];

/** What is said of the channels of a day. */
interface Channels {
  readonly collected: (channels: Collected['channels']) => Collected['channels'];
  readonly final: (channels: Final['channels']) => Final['channels'];
  /** What the utility says of the hourly chain. */
  readonly chain?: 'unverified' | 'broken';
}

const none: Channels = { collected: () => [], final: () => [] };
/** The first one again under the next number, three times as much, in the words of an honest day. */
const another: Channels = {
  collected: ([first]) => [first!, { ...first!, channel: 1, records: tripled(first!.records), heads: new Uint8Array(0) }],
  final: ([first]) => [first!, { ...first!, channel: 1, energyWh: first!.energyWh * 3 }],
};

function tripled(records: Uint8Array): Uint8Array {
  const to = Buffer.from(records);
  for (let at = 0; at < to.length; at += RECORD_BYTES) to.writeUInt16BE(to.readUInt16BE(at + 10) * 3, at + 10);
  return new Uint8Array(to);
}

function said({ collected, final, chain }: Channels): (event: MeterDayEvent) => MeterDayEvent {
  return (event) => {
    if (event.type === 'ReadingsCollected') return { ...event, data: { ...event.data, channels: collected(event.data.channels) } };
    if (event.type === 'DayFinalized') return { ...event, data: { ...event.data, channels: final(event.data.channels) } };
    if (event.type === 'DayVerified' && chain !== undefined) return { ...event, data: { ...event.data, chain } };
    return event;
  };
}

/** That the meter at home has these channels, and always had. */
async function say(asset: AssetRecord): Promise<void> {
  const stream = `usagepoint/${HOME}`;
  const again: DomainEvent[] = [
    { type: 'MeterRemoved', data: { meterId: METER, until: SINCE, registers: [], at: SINCE } },
    { type: 'MeterInstalled', data: { meterId: METER, from: SINCE, asset, registers: [], at: SINCE } },
  ];
  await record(world, 'enrol', stream, again);
}

/** A bill of such days, in which every line follows from them. */
async function bill(channels: Channels) {
  await recordFalseBill(world, { source: HOME, account: accountOf(HOME), usagePoint: HOME, change: said(channels) });
  const rated = await ratedAnew(world, HOME);
  await recordBill(world, rated);
  await world.log();
  return { importWh: rated.importWh, found: verifyProof(await world.prove(HOME), await world.trust()) };
}

const twice: AssetRecord = { ...ASSET, channels: [ASSET.channels[0]!, ASSET.channels[0]!] };

describe('a utility that says other channels than the meter sealed', () => {
  it('R9.2-2, C10.1-7: is found out by energy of one that the seal lacks', async () => {
    await say(twice);
    const { importWh, found } = await bill(another);
    expect(importWh).toBe('209640');
    expect(found).toMatchObject({ fault: 'seal', what: expect.stringContaining('do not lead to what the meter sealed') });
  });

  it('R9.2-2, C10.1-7: is taken at its word, and no more, where it says itself that the chain does not lead there', async () => {
    await say(twice);
    const { found } = await bill({ ...another, chain: 'broken' });
    expect(found).toMatchObject({ seals: { sealed: 0, onWord: DAYS.map((stream) => ({ stream, why: 'partlySealed' })) } });
  });

  it('R9.2-2, C10.1-7: is found out by one that the meter sealed, and that is left out of the day', async () => {
    await say({ ...ASSET, channels: [] });
    expect((await bill(none)).found).toMatchObject({ fault: 'seal' });
  });

  it('R9.2-2: is found out by one that the usage point says of the meter, whatever is said of the seal', async () => {
    const { found } = await bill({ ...none, chain: 'unverified' });
    expect(found).toMatchObject({ fault: 'binding', what: expect.stringContaining('are not those of its meter at home-1') });
  });

  it('R9.2-2: is found out by one that the usage point does not say of the meter', async () => {
    const { found } = await bill(another);
    expect(found).toMatchObject({ fault: 'binding', what: expect.stringContaining('are not those of its meter at home-1') });
  });
});
