import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { OWNED_PLACES, partitionOf, partitionsWith } from '../../topology/directory.ts';
import { GRANTS } from '../../topology/grants.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { discard, TestClock, temporaryDirectory } from '../contract/support/state.ts';
import { DIRECTORY_PERMISSIONS } from './permissions.ts';

const DENIED = { code: 'ERR_DIRECTORY_ACCESS_DENIED' };
const EVERYBODY = [...PRINCIPALS, 'broker', '', 'LOG', 'toString', '__proto__'];
/** Those that write there at all. */
const WRITERS: readonly string[] = PRINCIPALS.filter((principal) => GRANTS[principal].directory.includes('write'));

let folder: string;
let platform: Embedded;
beforeEach(async () => {
  folder = temporaryDirectory();
  platform = await createEmbeddedPlatform({ stateDir: join(folder, 'state'), clock: new TestClock(), timer: false });
});
afterEach(async () => {
  await platform.close();
  discard(folder);
});

const put = (principal: string, ...keys: readonly string[]) =>
  platform.as(principal).directory.put(keys.map((key) => ({ key, value: Buffer.from(principal) })));
const outcomeOf = (principal: string, key: string) =>
  put(principal, key).then(
    () => 'put',
    ({ code }) => code,
  );

describe('who writes what of the directory', () => {
  it('R9.1-1: the truth table names every beginning that has owners, and no other', () => {
    expect(OWNED_PLACES.flatMap(({ prefixes }) => prefixes).sort()).toEqual(Object.keys(DIRECTORY_PERMISSIONS).sort());
  });

  it('R9.1-1: every principal but those named is denied what has owners', async () => {
    let cases = 0;
    for (const [prefix, writers] of Object.entries(DIRECTORY_PERMISSIONS))
      for (const principal of EVERYBODY) {
        const wanted = writers.includes(principal) ? 'put' : DENIED.code;
        expect(await outcomeOf(principal, `${prefix}x`), `${principal} ${prefix}`).toBe(wanted);
        cases++;
      }
    expect(cases).toBe(Object.keys(DIRECTORY_PERMISSIONS).length * EVERYBODY.length);
  });

  it('R9.1-1: all other keys are written by those who write there, and by nobody else', async () => {
    expect(WRITERS.length).toBeGreaterThan(10);
    for (const principal of EVERYBODY)
      expect(await outcomeOf(principal, 'consent-of/x'), principal).toBe(WRITERS.includes(principal) ? 'put' : DENIED.code);
  });

  it.each([
    ['log/witnessed', 'log', '999999999'],
    ['log/stream/segment/00001', 'log', '999999999'],
    ['erasure-next/acc-0', 'erasure', '9000000000000000'],
    ['restore/fence', 'maintenance', '0'],
  ])('C10.1-1: a third party’s door can not put over %s', async (key, owner, value) => {
    await put(owner, key);
    await expect(platform.as('third-party-api').directory.put([{ key, value: Buffer.from(value) }])).rejects.toMatchObject(DENIED);
    expect((await platform.as('third-party-api').directory.get(key))?.toString()).toBe(owner);
  });

  it('C10.1-1: of what is put together nothing is written when one of it is denied', async () => {
    await expect(put('third-party-api', 'consent-of/x', 'oauth/AccessToken/x')).rejects.toMatchObject(DENIED);
    const { directory } = platform.as('auditor');
    expect(await directory.getMany(['consent-of/x', 'oauth/AccessToken/x'])).toEqual([undefined, undefined]);
  });
});

describe('places of the directory', () => {
  it('no two have a beginning of keys in common, or names of which one pattern covers both', () => {
    const prefixes = OWNED_PLACES.flatMap(({ prefixes }) => prefixes);
    expect(prefixes.filter((one, at) => prefixes.some((other, i) => i !== at && one.startsWith(other)))).toEqual([]);
    const names = ['entries', ...OWNED_PLACES.map(({ partition }) => partition)];
    expect(names.filter((one, at) => names.some((other, i) => i !== at && (one === other || one.startsWith(`${other}-`))))).toEqual([]);
  });

  it('are written by those who write to the directory', () => {
    for (const { partition, writers } of OWNED_PLACES)
      for (const writer of writers) expect(partition === 'callers' || WRITERS.includes(writer), `${writer} ${partition}`).toBe(true);
  });

  it('whatever is looked for by a beginning is looked for where it lies', () => {
    const last = (_: string, shards: number) => shards - 1;
    const keys = [...OWNED_PLACES.flatMap(({ prefixes }) => prefixes.map((prefix) => `${prefix}x`)), 'consent-of/x', 'a'];
    for (const key of keys)
      for (let end = 0; end <= key.length; end++)
        expect(partitionsWith(key.slice(0, end)), key.slice(0, end)).toContain(partitionOf(key, last));
    expect(partitionsWith('restore/')).toEqual(['upkeep']);
  });
});
