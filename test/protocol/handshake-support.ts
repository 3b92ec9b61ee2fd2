import { type Accept, ephemeralPair, type Hello } from '../../protocol/handshake.ts';
import { bytesOf, METER_A } from './support.ts';

export const ephemeral = ephemeralPair();

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
  utc: 1_700_000_000_123,
  midnights: Array.from({ length: 14 }, (_, day) => 1_700_006_400 + day * 86_400),
  handshakeKeyId: 'fedcba9876543210',
  ...over,
});
