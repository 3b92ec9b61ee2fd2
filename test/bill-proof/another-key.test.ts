import { sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkProofFile } from '../../bin/proof/check-file.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { MeterDayEvent } from '../../events/index.ts';
import { lowS } from '../../platform/kms/low-s.ts';
import { parseSeal } from '../../protocol/profile.ts';
import { meterThing } from '../../topology/device-access.ts';
import { ASSET } from '../subjects/given.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ratedAnew, recordBill, recordFalseBill } from './false-bills.ts';
import { accountOf, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const METER = '00124b0000000001';
/** Ahead of the days that are billed. */
const BEFORE = Date.UTC(2026, 9, 20);

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

/** Days that are sealed again by a key which the authority certifies for the meter. @param which by their order */
async function proofOfResealed(which: (day: string) => boolean, certifiedAt = world.clock.now()): Promise<string> {
  const { privateKey, csr } = await deviceKey(meterThing(METER));
  const now = world.clock.now();
  world.clock.set(certifiedAt);
  const certificate = await world.platform.ca.issue(meterThing(METER), 'meter', csr);
  world.clock.set(now);
  await world.append(`meter/${METER}`, [
    { type: 'MeterEnrolled', data: { meterId: METER, certificate, asset: ASSET, at: world.clock.now() } },
  ]);
  const resealed = (bytes: Uint8Array): Uint8Array => {
    const { tbs } = parseSeal(Buffer.from(bytes));
    const signature = lowS(sign('sha256', tbs, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
    return new Uint8Array(Buffer.concat([Buffer.from(bytes).subarray(0, -64), signature]));
  };
  const change = (event: MeterDayEvent): MeterDayEvent => {
    if (event.type !== 'ReadingsCollected' || !which(event.data.frame.day)) return event;
    return { ...event, data: { ...event.data, seals: event.data.seals.map(resealed) } };
  };
  await recordFalseBill(world, { source: HOME, account: accountOf(HOME), usagePoint: HOME, change });
  await recordBill(world, await ratedAnew(world, HOME));
  await world.log();
  return await world.prove(HOME);
}

describe('days that are sealed by another key of the meter', () => {
  it('R9.2-2, C10.1-7: which was certified after them are named', async () => {
    world.clock.advance(40 * 86_400_000);
    const found = verifyProof(await proofOfResealed(() => true), await world.trust());
    const later = [24, 25, 26].map((day) => ({ stream: `meterday/${METER}/2026-10-${day}.2`, why: 'certifiedLater' }));
    expect(found).toMatchObject({ seals: { onWord: later, keys: [{ meterId: METER }] } });
  });

  it('R9.2-2, C10.1-7: beside its own are told, and both keys are there to be compared', async () => {
    const [proof, keys] = [join(world.directory, 'bill.proof'), join(world.directory, 'keys.pem')];
    writeFileSync(proof, await proofOfResealed((day) => day.endsWith('25'), BEFORE));
    writeFileSync(keys, await world.keys());
    const said: string[] = [];
    expect(checkProofFile(proof, keys, (line) => void said.push(line))).toBe('on-word');
    expect(said.filter((line) => line.startsWith('word'))).toEqual([`word       ${METER} sealed days under more than one key`]);
    const told = said.flatMap((line) => /^key .* SHA-256 ([0-9a-f]{64});/.exec(line)?.[1] ?? []);
    expect(new Set(told).size).toBe(2);
  });
});
