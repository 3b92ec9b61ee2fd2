import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Names and hashes of the files of a release, as `sha256sum -c` reads them. */
const SUMS = 'SHA256SUMS';
/** ES256 over SUMS: r || s, base64. */
const SIGNATURE = 'SHA256SUMS.sig';

/** A release is not what was signed; the message says which file, and why. */
export class ReleaseRefused extends Error {}

/** Writes the list of hashes over everything in a folder, and its signature. @param key P-256, PEM */
export async function signRelease(folder: string, key: string): Promise<readonly string[]> {
  const privateKey = createPrivateKey(key);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new ReleaseRefused('the key is no P-256 key');
  const names = filesIn(folder);
  const lines: string[] = [];
  for (const name of names) lines.push(`${await hashOf(join(folder, name))}  ${name}\n`);
  const sums = lines.join('');
  writeFileSync(join(folder, SUMS), sums);
  const signature = sign('sha256', Buffer.from(sums), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  writeFileSync(join(folder, SIGNATURE), `${signature.toString('base64')}\n`);
  return names;
}

/** Holds a folder against its signed list: nothing altered, nothing missing, nothing more. @param key public, PEM @throws ReleaseRefused */
export async function verifyRelease(folder: string, key: string): Promise<readonly string[]> {
  const sums = readFileSync(join(folder, SUMS));
  const signature = Buffer.from(readFileSync(join(folder, SIGNATURE), 'utf8').trim(), 'base64');
  if (!verify('sha256', sums, { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }, signature))
    throw new ReleaseRefused(`${SUMS} is not signed by this key`);
  const listed = new Map([...sums.toString().matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(([, hash, name]) => [name!, hash!] as const));
  for (const [name, hash] of listed) {
    const found = await hashOf(join(folder, name)).catch(() => undefined);
    if (found === undefined) throw new ReleaseRefused(`${name} is missing`);
    if (found !== hash) throw new ReleaseRefused(`${name} is not the file that was signed`);
  }
  const foreign = filesIn(folder).find((name) => !listed.has(name));
  if (foreign !== undefined) throw new ReleaseRefused(`${foreign} is no part of the release`);
  if (listed.size === 0) throw new ReleaseRefused('the list is empty');
  return [...listed.keys()];
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== SUMS && name !== SIGNATURE)
    .sort();
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
