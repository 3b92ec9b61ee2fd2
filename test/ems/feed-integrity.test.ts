import { beforeAll, describe, expect, it } from 'vitest';
import { type FeedTrust, verifyChain } from '../../protocol/feed.ts';
import { compactJws, jwsHash, jwsSigningInput, parseJws } from '../../protocol/jws.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { OperatorTown, range } from './operator-world.ts';

const NORTH = range(1, 110);
let feed: string[];
let trust: FeedTrust;
let town: OperatorTown;

beforeAll(async () => {
  town = await OperatorTown.of({ north: NORTH, south: range(201, 110) });
  for (const slot of [1, 2, 3, 4]) await town.send([...NORTH, ...range(201, 110)], slot, 10 * slot);
  await town.tell(4);
  feed = town.feed('north');
  trust = await town.receiver('north');
});

/** The item with other energy, as somebody on the way would have it. */
function altered(jws: string): string {
  const parsed = parseJws(jws);
  if ('fault' in parsed) throw new Error(parsed.fault);
  const payload = JSON.parse(parsed.payload.toString()) as { netWh: number };
  const input = jwsSigningInput(parsed.header, Buffer.from(JSON.stringify({ ...payload, netWh: payload.netWh + 1 })));
  return compactJws(input, parsed.signature);
}

describe("the operator's feed on its way", () => {
  it('R9.4-2, C10.4-2: what arrives as it was told is taken, in order and whole', () => {
    expect(feed).toHaveLength(4);
    const { items, faults, head } = verifyChain(feed, trust);
    expect(faults).toEqual([]);
    expect(items.map(({ payload }) => payload?.['netWh'])).toEqual([1_100, 2_200, 3_300, 4_400]);
    expect(head).toEqual({ seq: 4, hash: jwsHash(feed[3]!) });
  });

  it('R9.4-2, C10.4-2: a changed value is refused', () => {
    const { items, faults } = verifyChain(feed.with(1, altered(feed[1]!)), trust);
    expect(faults[0]).toMatchObject({ index: 1, fault: 'wrong-signature', expected: 2 });
    expect(items.map(({ seq }) => seq)).not.toContain(2);
  });

  it('R9.4-2: a skipped sequence is a gap, and so is the item of another area in its place', () => {
    expect(verifyChain(feed.toSpliced(2, 1), trust).faults).toEqual([{ index: 2, fault: 'gap', expected: 3 }]);
    const swapped = verifyChain(feed.with(2, town.feed('south')[2]!), trust);
    expect(swapped.faults.map(({ fault }) => fault)).toEqual(['wrong-feed', 'gap']);
  });

  it('R9.4-2: an item that does not continue the chain is refused, even if the key signed it', async () => {
    const forged = { ...JSON.parse(payloadOf(feed[2]!)), prevHash: jwsHash(feed[0]!) };
    const parsed = parseJws(feed[2]!);
    if ('fault' in parsed) throw new Error(parsed.fault);
    const input = jwsSigningInput(parsed.header, Buffer.from(JSON.stringify(forged)));
    const signed = compactJws(input, await town.street.world.as('ems').kms.sign('operator-feed', input));
    expect(verifyChain(feed.with(2, signed), trust).faults[0]).toMatchObject({ index: 2, fault: 'broken-chain' });
  });
});

describe('who may do what about the feed', () => {
  const world = new MemoryWorld({ keyPolicies: defencesUnderTest().keyPolicies });

  it('R9.4-2, R9.4-1: only the aggregator signs it; who hands it out only reads the public half', async () => {
    for (const principal of ['operator-api', 'relay', 'deliver', 'project', 'billing', 'close-day'])
      await expect(world.as(principal).kms.sign('operator-feed', Buffer.from('x'))).rejects.toMatchObject({
        code: 'ERR_KMS_ACCESS_DENIED',
      });
    expect(await world.as('operator-api').kms.getPublicKey('operator-feed')).toBeInstanceOf(Buffer);
  });

  it("R9.4-1: neither aggregator nor operator's door opens anything of a subject, or a segment's readings", async () => {
    const { wrapped } = await world.as('project').kms.generateDataKey('subject-kek', { subject: 'anna' });
    for (const principal of ['ems', 'operator-api']) {
      const { kms, keys } = world.as(principal);
      await expect(kms.decrypt('subject-kek', wrapped, { subject: 'anna' })).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
      for (const row of [
        'usage/anna/2026-01/0000000000001',
        'segment/north-0/0000000000001',
        'billing/anna/0000000000001',
        'epoch/a/00001',
      ])
        await expect(keys.get(row), `${principal} ${row}`).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
    }
  });
});

function payloadOf(jws: string): string {
  return Buffer.from(jws.split('.')[1]!, 'base64url').toString();
}
