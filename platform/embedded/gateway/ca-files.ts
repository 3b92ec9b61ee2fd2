import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A P-256 key pair in a file of its own, readable by the owner only. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Reads the key pair at `<directory>/<name>.key.pem`, making it the first time. */
export function openKeyPair(directory: string, name: string): KeyPair {
  const file = join(directory, `${name}.key.pem`);
  if (existsSync(file)) {
    const privateKey = createPrivateKey(readFileSync(file));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  }
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeWhole(file, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, 0o600);
  return pair;
}

/** @returns PEM, or undefined when there is none yet */
export function readCertificate(directory: string, name: string): string | undefined {
  const file = join(directory, `${name}.crt.pem`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

export function writeCertificate(directory: string, name: string, pem: string): void {
  writeWhole(join(directory, `${name}.crt.pem`), pem, 0o644);
}

/** A reader sees the whole file or none, also after a crash half-way. */
function writeWhole(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, text, { mode, flush: true });
  renameSync(`${file}.new`, file);
}
