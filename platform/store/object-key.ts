import { createHash } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';

/** Segments of letters, digits, `_`, `-`, `=` and `.`, none beginning with a dot: no key leads out of where objects lie. */
const KEY = /^[A-Za-z0-9_=-][A-Za-z0-9_=.-]*(\/[A-Za-z0-9_=-][A-Za-z0-9_=.-]*)*$/;
const KEY_LIMIT = 512;
const PART_LIMIT = 200;

/** @throws ERR_OBJECT_KEY */
export function checkObjectKey(key: string): void {
  if (key.length > KEY_LIMIT || !KEY.test(key) || key.split('/').some((part) => part.length > PART_LIMIT))
    throw new JoulekeepError('ERR_OBJECT_KEY', 'not a key of an object');
}

/** The folder that a prefix names, as far as it names one. @returns empty, or ending in a slash @throws ERR_OBJECT_KEY */
export function folderOf(prefix: string): string {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkObjectKey(folder.slice(0, -1));
  return folder;
}

/** Whether the key ends in the SHA-256 of the body, in hex: whatever lies under such a key is this body. */
export function isContentAddressed(key: string, body: Buffer): boolean {
  return key.slice(key.lastIndexOf('/') + 1) === createHash('sha256').update(body).digest('hex');
}
