import { createHash } from 'node:crypto';
import type { ProposeEpoch } from '../../domain/enrolment/meter-command.ts';
import type { AssetRecord, MeterEvent } from '../../events/index.ts';

export const METER = '00124b0000000001';
export const T0 = Date.UTC(2026, 0, 15, 10);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const ASSET: AssetRecord = {
  intervalMinutes: 15,
  channels: [{ obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 8, multiplier: 1, validFrom: 0 }],
  fuseW: 14_490,
  zone: 'Europe/Berlin',
  areaLeaf: 'north',
};

const CERTIFICATE = Buffer.from('certificate of the factory');

export const enrolled: MeterEvent = { type: 'MeterEnrolled', data: { meterId: METER, certificate: CERTIFICATE, asset: ASSET, at: T0 } };
export const activated: MeterEvent = { type: 'MeterActivated', data: { at: T0 } };
export const installed: readonly MeterEvent[] = [
  enrolled,
  { type: 'SegmentAssigned', data: { segment: '00000' } },
  { type: 'RelayAssigned', data: { dcId: 'north-1', from: T0 } },
  activated,
];

/** The proposal of an epoch as the handler makes it; `bytes` stand for the signed HELLO. */
export function proposal(epoch: number, at = T0, bytes = `hello ${epoch}`): ProposeEpoch {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return {
    type: 'ProposeEpoch',
    epoch,
    suite: 1,
    helloHash: hash(`tbs of ${bytes}`),
    signedHash: hash(bytes),
    accept: Buffer.from(`accept of ${bytes}`),
    keyRow: `epoch/${METER}/${String(epoch).padStart(5, '0')}`,
    at,
  };
}

export function proposed(epoch: number, at = T0, bytes?: string): MeterEvent {
  const { type: _type, ...data } = proposal(epoch, at, bytes);
  return { type: 'EpochProposed', data };
}

export const active = (epoch: number, at = T0): MeterEvent => ({ type: 'EpochActivated', data: { epoch, at } });
export const closed = (epoch: number, at = T0): MeterEvent => ({ type: 'EpochClosed', data: { epoch, at } });
