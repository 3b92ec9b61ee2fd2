import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LinkIdentity } from '../../../devices/concentrator/link.ts';
import { encodeBatch } from '../../../protocol/batch.ts';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../../topology/device-access.ts';
import { deviceKey, MemoryCa } from '../../support/memory-ca.ts';
import { closedDays, expectReadings } from '../closed-days.ts';
import { batchesOf, billAhead, billEvents, type DayInAStreet, forgery, liveADay } from './day-in-a-street.ts';
import { readEverything } from './read-everything.ts';
import type { Ability, Target, World } from './target.ts';

/** No message of the service's, whatever the queue. */
const POISON = 'poison';
/** A concentrator that nobody commissioned. */
const STRANGER = 'dc-99';

/** The whole way of a reading, from the meter to the bill, on whatever the target is. One story: tests go by its order. */
export function acceptanceSuite(target: Target): void {
  const title = (ability: Ability, what: string, instead: string): string => {
    const reason = target.lacks[ability];
    return reason === undefined ? what : `${instead}: ${reason}`;
  };
  describe(`a street on ${target.name}`, () => {
    let world: World;
    let street: DayInAStreet;

    beforeAll(async () => {
      world = await target.open();
      street = await liveADay(world);
    }, 600_000);
    afterAll(async () => {
      await street?.block.close();
      await world?.close();
    });

    it('every meter has agreed its keys, and has every reading acknowledged', () => {
      expect(street.block.members).toHaveLength(6);
      for (const { meter } of street.block.members) {
        expect(meter.status.epoch).toBeGreaterThan(0);
        expect([meter.status.unacknowledged, meter.status.held]).toEqual([0, 0]);
      }
    });

    it('what is stored is what was measured, slot by slot, to the Wh', async () => {
      const { block } = street;
      const { readings, storedWh } = await block.service.recorded();
      expect([readings, storedWh]).toEqual([block.ledger.readings, block.ledger.sums().wh]);
      const { stored, measured } = await block.digests();
      expect(stored).toBe(measured);
    });

    it('every frame is accounted for: once stored, repeated, or refused with its reason', async () => {
      const { block, misdeeds } = street;
      const { accepted, duplicate, quarantined, refusedByReason } = await block.service.recorded();
      expect(accepted + duplicate + quarantined).toBe(block.published.frames);
      expect(misdeeds.forged).toBeGreaterThan(0);
      expect(refusedByReason).toEqual({ 'not-authentic': misdeeds.forged, 'unknown-meter': misdeeds.strangers });
      expect(duplicate).toBeGreaterThanOrEqual(misdeeds.repeated);
    });

    it('batches that are delivered again, all of them, change nothing', async () => {
      const before = await counted(street);
      const batches = batchesOf(street);
      expect(batches.length).toBeGreaterThan(1);
      for (const batch of batches) await world.deliver(batch);
      await world.settle();
      expect(await counted(street)).toEqual(before);
    });

    it('poison goes to the dead letters, and what came with it lives', async () => {
      const { block } = street;
      const before = await counted(street);
      await world.put('telemetry', POISON);
      await block.inject('dc-1', [forgery(street)]);
      await world.put('billing', POISON);
      await world.settle();
      const after = await counted(street);
      expect(after.quarantined).toBe(before.quarantined + 1);
      expect(after.storedWh).toBe(before.storedWh);
      expect(await world.setAside('telemetry-dlq', 1)).toEqual([POISON]);
      expect(await world.setAside('billing-dlq', 1)).toEqual([POISON]);
    });

    it('a day is closed with its records: whole, sealed by the meter, and final', async () => {
      await billAhead(world, street);
      expect(await told(world, street)).toEqual(['BillHeld']);
      await world.closeDays();
      const days = (await closedDays(world.platform('editing'))).filter(({ frame }) => frame.day === street.day);
      expect(days).toHaveLength(6);
      const { fold } = await street.block.service.recorded();
      const { end } = days[0]!.frame;
      expect(expectReadings(days, { sorted: () => fold.sorted().filter((reading) => reading.end <= end) })).toBe(6 * 96);
      for (const day of days) {
        expect(day.verified).toMatchObject({ seal: 'verified', chain: 'verified' });
        expect([day.final, day.faults, day.outcome?.held]).toEqual([true, [], false]);
      }
    });

    it('billing is told of the final day, and issues the bill that waited for it', async () => {
      await world.settle();
      expect(await told(world, street)).toEqual(['BillHeld', 'BillComputed']);
      expect(await world.setAside('billing-dlq', 1)).toEqual([POISON]);
    });

    it('every chain of every stream is sound', async () => {
      const commits = await readEverything(world.platform('auditor'));
      expect(commits.get('meterday')).toBeGreaterThanOrEqual(6);
      for (const kind of ['segment', 'relay', 'meter', 'access', 'bill']) expect(commits.get(kind), kind).toBeGreaterThan(0);
    });

    it(title('enforces-keys', 'another role is refused the use of a key', 'any role may use a key'), async () => {
      const { kms } = world.platform('ingest');
      const derived = kms.deriveSharedSecret('agreement', strangersKey());
      if (target.lacks['enforces-keys'] === undefined) await expect(derived).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
      else expect((await derived).length).toBe(32);
    });

    it(title('guards-gateway', 'a stranger gets no line', 'a stranger gets through, and nothing of it counts'), async () => {
      const before = await counted(street);
      const entry = world.connect(STRANGER, await strangersIdentity(world.clock.now()));
      if (target.lacks['guards-gateway'] === undefined) await expect(entry).rejects.toThrow();
      else {
        await entry;
        const thing = concentratorThing(STRANGER);
        const payload = encodeBatch(1, [{ receivedAt: world.clock.now(), bytes: street.misdeeds.seen[0]! }]);
        await world.deliver({ thing, topic: upTopic(TOPIC_RULES.telemetry, thing), payload });
        await world.settle();
      }
      const after = await counted(street);
      expect([after.accepted, after.storedWh]).toEqual([before.accepted, before.storedWh]);
    });
  });
}

/** What is recorded, as numbers. */
async function counted({ block }: DayInAStreet) {
  const { accepted, duplicate, quarantined, readings, storedWh } = await block.service.recorded();
  return { accepted, duplicate, quarantined, readings, storedWh };
}

async function told(world: World, street: DayInAStreet): Promise<readonly string[]> {
  return (await billEvents(world, street)).map(({ type }) => type);
}

/** SPKI DER. */
function strangersKey(): Buffer {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
}

/** A certificate that looks like a concentrator's, of an authority that isn't ours. */
async function strangersIdentity(now: number): Promise<LinkIdentity> {
  const { privateKey, csr } = await deviceKey(concentratorThing(STRANGER));
  const validity = { notBefore: now - 60_000, notAfter: now + 86_400_000 };
  const certificate = await new MemoryCa().issue('concentrator', csr, { commonName: concentratorThing(STRANGER), ...validity });
  return { key: privateKey, certificate };
}
