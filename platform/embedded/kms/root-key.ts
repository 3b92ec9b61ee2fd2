import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { JoulekeepError } from '../../../events/errors.ts';

const ROOT_BYTES = 32;

/**
 * The key that wraps all key material of the software key service, from a file only its owner can read; made when
 * neither it nor any key exists.
 * @throws ERR_KMS_ROOT_KEY when it is missing but needed, is not 32 bytes, or others can read it
 */
export function rootKey(path: string, needed: boolean): KeyObject {
  if (!existsSync(path)) {
    if (needed) throw refused('the root key file is missing: the keys it wraps are lost without it');
    makeRootKey(path);
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) throw refused('the root key file is open to others: chmod 600');
  const bytes = readFileSync(path);
  if (bytes.length !== ROOT_BYTES) throw refused(`the root key file has ${bytes.length} bytes, not ${ROOT_BYTES}`);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function makeRootKey(path: string): void {
  const file = openSync(path, 'wx', 0o600);
  const bytes = randomBytes(ROOT_BYTES);
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    bytes.fill(0);
    closeSync(file);
  }
}

function refused(why: string): JoulekeepError {
  return new JoulekeepError('ERR_KMS_ROOT_KEY', why);
}
