import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openCommit } from '../../bin/proof/open-commits.ts';
import type { DomainEvent } from '../../events/index.ts';
import { chainHash, openWith, type SealedCommit } from '../../platform/store/commit.ts';
import { commitKeyHash } from '../../platform/store/commit-key.ts';
import { encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { PACKING } from '../../platform/store/packing.ts';
import { logOf } from './log-by-hand.ts';
import { TARIFF } from './proof-world.ts';
import { FACE_EVENTS, type TwoFaced, twoFaced } from './two-faced.ts';

const SINCE = Date.UTC(2026, 9, 1);
const STREAM = 'tariff/bands';
const CHEAP = JSON.stringify(TARIFF);
const DEAR = CHEAP.replace('0.31', '9.31');

function published(document: string): DomainEvent {
  return { type: 'TariffPublished', data: { tariff: 'bands', version: 1, from: '2026-01-01', document, series: [], at: SINCE } };
}

/** A tariff's commit that opens by either of two keys. @param named which of them its envelope names */
function tariffOfTwoPrices(named: 0 | 1 | undefined): TwoFaced {
  const nonce = randomBytes(12);
  const fields = {
    ...{ stream: STREAM, version: 0, count: FACE_EVENTS, commitId: Buffer.alloc(32, 7), recordedAt: SINCE, keyId: 'stream-class/tariff/1' },
    ...{ nonce, prev: Buffer.alloc(32), packing: PACKING.plain, ownKey: true },
  };
  const envelopeOf = (keys: TwoFaced['keys']) =>
    encodeEnvelope(named === undefined ? fields : { ...fields, keyHash: commitKeyHash(createSecretKey(keys[named])) });
  return twoFaced(nonce, envelopeOf, published(CHEAP), published(DEAR));
}

function pricesIn(events: readonly DomainEvent[]): string[] {
  return events.flatMap(({ type, data }) => (type === 'TariffPublished' ? [data.document] : []));
}

/** What a reader of a proof is shown with each of the keys; the refusal where there is nothing. */
async function readBy({ keys, envelope, body, tag }: TwoFaced): Promise<unknown[]> {
  const head = { stream: STREAM, version: 2, hash: chainHash({ envelope, body, tag }) };
  const { count, commitId } = parseEnvelope(envelope);
  const commit: SealedCommit = { stream: STREAM, version: 0, envelope, body, tag, count, commitId, head };
  const log = await logOf([commit]);
  return keys.map((key) => {
    try {
      return pricesIn(openCommit({ ...log.open(commit), key: key.toString('base64') }, log.head).events);
    } catch (error) {
      return (error as { readonly check?: string }).check;
    }
  });
}

describe('a commit of the log that opens by two keys to two prices', () => {
  it('can be made, and by its bytes alone is whole with either', () => {
    const { keys, envelope, body, tag } = tariffOfTwoPrices(undefined);
    const commit = { stream: STREAM, version: 0, envelope, body, tag };
    const faces = keys.map((key) => pricesIn(openWith(commit, parseEnvelope(envelope), createSecretKey(key))));
    expect(faces).toEqual([[CHEAP], [DEAR]]);
  }, 60_000);

  it.each([
    [undefined, ['key', 'key']],
    // With the key that it names it opens; the events that are passed over then are of no tariff.
    [0, ['streams', 'key']],
    [1, ['key', 'streams']],
  ] as const)(
    'C10.1-7, R9.2-2: is shown to nobody by a key that it does not name: %s',
    async (named, shown) => {
      expect(await readBy(tariffOfTwoPrices(named))).toEqual(shown);
    },
    60_000,
  );
});
