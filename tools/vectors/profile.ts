import {
  chainStep,
  type DailySeal,
  dayChainStart,
  encodeRecord,
  encodeSeal,
  type ProfileRecord,
  sealHash,
  sealHeadStart,
} from '../../protocol/profile.ts';
import { type FixedPair, fixedPair, seed, twin } from './deterministic.ts';

const METER = '00124b00060d7a11';
const DAY_START = 1_794_614_400;
const SALT = seed('day salt', 16);

export const sealSigner: FixedPair = fixedPair('meter identity');

export function sealOf(channels: number): DailySeal {
  return {
    meterId: METER,
    tableVersion: 2,
    day: Math.floor(DAY_START / 86_400),
    start: DAY_START,
    end: DAY_START + 86_400,
    clockStatus: channels === 4 ? 3 : 0,
    salt: SALT,
    previous: channels === 1 ? Buffer.alloc(32) : seed('seal before'),
    channels: Array.from({ length: channels }, (_, channel) => ({
      headEnd: seed(`head end ${channel}`),
      registerStart: 1_000_000 * (channel + 1),
      registerEnd: 1_000_000 * (channel + 1) + 4321,
      slots: 96 - channel,
    })),
  };
}

/** Three hours of channel 1 at 15 minutes; one slot is lost, and the second hour is missing altogether. */
function chain(): object {
  const start = dayChainStart(METER, 1, DAY_START, SALT);
  let head = start;
  const hours = [0, 1, 2].map((hour) => {
    const records = hour === 1 ? [] : [1, 2, 3, 4].map((slot) => recordOf(hour, slot));
    const bytes = records.map(encodeRecord);
    head = chainStep(head, bytes);
    return { records: records.map((fields, i) => ({ fields, bytes: bytes[i] })), head };
  });
  return { meterId: METER, channel: 1, dayStart: DAY_START, salt: SALT, start, hours };
}

function recordOf(hour: number, slot: number): ProfileRecord {
  const value = hour === 2 && slot === 3 ? null : 100 * hour + slot;
  return { end: DAY_START + 3600 * hour + 900 * slot, register: 500_000 + 400 * hour + 10 * slot, value, flags: value === null ? 8 : 0 };
}

/** `profile.json`: records, the hourly chain, and daily seals of one and four channels. */
export async function profileVectors(): Promise<object> {
  const seals = [];
  for (const channels of [1, 4]) {
    const { seal, tbs, signature, bytes } = await encodeSeal(sealOf(channels), sealSigner.sign);
    const headStart = seal.channels.map((_, channel) => sealHeadStart(seal, channel));
    seals.push({ fields: seal, headStart, tbs, signature, bytes, hash: sealHash(bytes) });
  }
  const { bytes, signature } = seals[0]!;
  const change = (at: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    return changed;
  };
  const refused = [
    { name: 'one byte short', stage: 'layout', bytes: bytes.subarray(0, -1) },
    { name: 'no channel', stage: 'layout', bytes: change(69, 0) },
    { name: 'five channels', stage: 'layout', bytes: change(69, 5) },
    { name: 'unknown clock bit', stage: 'layout', bytes: change(20, 4) },
    { name: 'ends before it starts', stage: 'layout', bytes: change(16, 0) },
    { name: 'register changed', stage: 'signature', bytes: change(107, bytes[107]! ^ 1) },
    { name: 'high S', stage: 'signature', bytes: Buffer.concat([bytes.subarray(0, -64), twin(signature)]) },
  ];
  return { chain: chain(), identity: { scalar: sealSigner.scalar, point: sealSigner.point }, seals, refused };
}
