import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFeed } from '../../bin/feed-check.ts';
import { areaFeed } from '../../lambdas/shared/feeds/operator-feed.ts';
import { compactJws, jwsSigningInput, parseJws } from '../../protocol/jws.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import { OperatorTown, range } from './operator-world.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const NORTH = range(1, 110);
const directory = mkdtempSync(join(tmpdir(), 'joulekeep-feed-'));
let items: string[];
let keys: { readonly keys: Record<string, string>[] };

beforeAll(async () => {
  const town = await OperatorTown.of({ north: NORTH });
  for (const slot of [1, 2, 3, 4, 5]) await town.send(NORTH, slot, 10 * slot);
  await town.tell(5);
  items = town.feed('north');
  const { key } = (await town.receiver('north')).keys.values().next().value!;
  keys = { keys: [{ ...(key.export({ format: 'jwk' }) as Record<string, string>), kid: 'any' }] };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function page(some: readonly string[]) {
  return { feed: areaFeed('north'), items: some, next: 5, more: false };
}

/** With a Wh more, signed as it was or by another key. */
function altered(jws: string, by?: ReturnType<typeof generateKeyPairSync>): string {
  const parsed = parseJws(jws);
  if ('fault' in parsed) throw new Error(parsed.fault);
  const payload = JSON.parse(parsed.payload.toString()) as { netWh: number };
  const kid = by === undefined ? parsed.header.kid : keyThumbprint(createPublicKey(by.privateKey));
  const input = jwsSigningInput({ ...parsed.header, kid }, Buffer.from(JSON.stringify({ ...payload, netWh: payload.netWh + 1 })));
  const signature = by === undefined ? parsed.signature : sign('sha256', input, { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return compactJws(input, signature);
}

function verify(pages: unknown): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const [file, pinned] = [join(directory, 'items.json'), join(directory, 'keys.json')];
  writeFileSync(file, JSON.stringify(pages));
  writeFileSync(pinned, JSON.stringify(keys));
  return new Promise((resolve) => {
    execFile(process.execPath, [JOULEKEEP, 'feed', 'verify', file, '--keys', pinned], (failed, out, error) =>
      resolve({ code: failed === null ? 0 : Number(failed.code), out, error }),
    );
  });
}

describe('a feed, as its receiver checks it', () => {
  it('R9.4-2, C10.4-2: nothing is found where nothing is missing or altered, over however many pages', () => {
    const whole = { feed: 'operator/area/north', taken: 5, through: 5, findings: [] };
    expect(checkFeed(page(items), keys)).toEqual(whole);
    expect(checkFeed([page(items.slice(0, 3)), page(items.slice(2))], keys)).toEqual(whole);
  });

  it('R9.4-2, C10.4-2: a gap, a changed value and a wrong key are told apart, each with its item', () => {
    const found = (some: readonly string[]) => checkFeed(page(some), keys).findings;
    expect(found(items.toSpliced(1, 2))).toEqual([{ finding: 'FeedGap', from: 2, until: 3 }]);
    expect(found(items.with(2, altered(items[2]!)))).toEqual([{ finding: 'wrong-signature', index: 2, seq: 3 }]);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(found(items.with(3, altered(items[3]!, other)))).toEqual([{ finding: 'unknown-key', index: 3, seq: 4 }]);
    const both = items.with(3, altered(items[3]!)).toSpliced(2, 1);
    expect(found(both)).toEqual([
      { finding: 'wrong-signature', index: 2, seq: 4 },
      { finding: 'FeedGap', from: 3, until: 3 },
    ]);
  });

  it('R9.4-2: the command says so in a line for each, and ends with 1; with 2 for a file that is none', async () => {
    expect(await verify(page(items))).toMatchObject({
      code: 0,
      out: 'operator/area/north  5 items genuine and in place, through 5, 0 findings\n',
    });
    const { code, out } = await verify(page(items.with(4, altered(items[4]!)).toSpliced(1, 1)));
    expect([code, out.split('\n').slice(0, 2)]).toEqual([
      1,
      ['FeedGap   item 2 is missing', 'item 5   changed: its signature is not of what it says (wrong-signature, 4. of the file)'],
    ]);
    expect(await verify({ items })).toMatchObject({ code: 2, out: '' });
  });
});
