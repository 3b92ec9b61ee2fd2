import { type Accept, type EpochIs, ephemeralPair, type Hello } from '../../protocol/handshake.ts';
import { dayKeyBy } from '../support/day-key.ts';
import { pair } from '../support/mdms.ts';
import { bytesOf, METER_A } from './support.ts';

export const ephemeral = ephemeralPair();

export const ACCEPTED_AT = 1_700_000_000_123;
/** Of the MDMS: certifies day keys. */
export const handshakeKey = pair();
/** The key of the day in which ACCEPTs are made. */
export const today = await dayKeyBy(handshakeKey, ACCEPTED_AT - 3_600_000);

export const helloOf = (over: Partial<Hello> = {}): Hello => ({
  meterId: METER_A,
  epoch: 3,
  suite: 1,
  ephemeral: ephemeral.point,
  nonce: bytesOf(16),
  agreementKeyId: '0123456789abcdef',
  ...over,
});

export const acceptOf = (over: Partial<Accept> = {}): Accept => ({
  meterId: METER_A,
  epoch: 3,
  suite: 1,
  ephemeral: ephemeral.point,
  helloHash: bytesOf(32),
  notBefore: 1_700_000_000_000,
  notAfter: 1_700_864_000_000,
  messageLimit: 65536,
  utc: ACCEPTED_AT,
  midnights: Array.from({ length: 14 }, (_, day) => 1_700_006_400 + day * 86_400),
  dayKey: today.dayKey,
  ...over,
});

export const epochIsOf = (over: Partial<EpochIs> = {}): EpochIs => ({
  meterId: METER_A,
  nonce: bytesOf(16),
  epoch: 0,
  dayKey: today.dayKey,
  ...over,
});
