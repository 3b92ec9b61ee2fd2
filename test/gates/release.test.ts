import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signRelease, verifyRelease } from '../../tools/release/files.ts';

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    sign: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    check: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
};

describe('a signed release', () => {
  let folder: string;
  const keys = pair();
  const file = (name: string) => join(folder, name);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'joulekeep-release-'));
    writeFileSync(file('a.tar'), 'source');
    writeFileSync(file('b.cdx.json'), '{}');
    await signRelease(folder, keys.sign);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is verified as it was signed, by sha256sum as well', async () => {
    expect(await verifyRelease(folder, keys.check)).toEqual(['a.tar', 'b.cdx.json']);
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' })).toContain('a.tar: OK');
  });

  it.each<[string, (path: (name: string) => string) => void, RegExp]>([
    ['a file altered', (path) => appendFileSync(path('a.tar'), ' '), /a\.tar is not the file that was signed/],
    ['a file gone', (path) => rmSync(path('b.cdx.json')), /b\.cdx\.json is missing/],
    ['a file more', (path) => writeFileSync(path('c'), ''), /c is no part of the release/],
    ['the list altered', (path) => appendFileSync(path('SHA256SUMS'), '\n'), /not signed by this key/],
  ])('is refused with %s', async (_, harm, message) => {
    harm(file);
    await expect(verifyRelease(folder, keys.check)).rejects.toThrow(message);
  });

  it('is refused under another key, and signed by none but a P-256 key', async () => {
    await expect(verifyRelease(folder, pair().check)).rejects.toThrow('not signed by this key');
    const { privateKey } = generateKeyPairSync('ed25519');
    await expect(signRelease(folder, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)).rejects.toThrow('no P-256 key');
    expect(readFileSync(file('SHA256SUMS'), 'utf8').split('\n')).toHaveLength(3);
  });
});
