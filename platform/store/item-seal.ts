import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import type { SubjectKey } from '../ports/event-store.ts';
import type { ItemKey, SubjectOwner, UpTo } from '../ports/read-models.ts';
import type { SubjectAccess } from '../ports/subject-access.ts';
import type { DataKey } from './commit.ts';
import { freshNonce, NONCE_BYTES } from './nonce.ts';
import { coversItem } from './subject-check.ts';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;

/** A value as it lies in a table. `keyId` is empty where it belongs to nobody and lies in clear. */
export interface StoredValue {
  readonly keyId: string;
  readonly bytes: Buffer;
}

export type ItemAt = ItemKey & { readonly table: string; readonly upTo: UpTo };

/** The key of the key table that an owner's items lie under: the one of the owner's meter days. */
export function subjectKeyOf({ subject, day }: SubjectOwner): SubjectKey {
  return { of: 'usage', subject, month: day.slice(0, 7) };
}

/** Stands for the stream of a meter day where the keyring and the access rules ask for one. */
export function dayName(day: string): string {
  return `meterday/item/${day}`;
}

/** Whether an access opens an item of this day that is sealed by this row. */
export function mayOpen(access: SubjectAccess | undefined, day: string, keyId: string, principal: string): boolean {
  return coversItem(access, dayName(day), keyId, principal);
}

/** Nonce, ciphertext, tag. Table, key and version are authenticated with it: no value can be put in another's place. */
export function sealValue(at: ItemAt, value: Buffer, { keyId, key }: DataKey): StoredValue {
  const nonce = freshNonce();
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(placeOf(at, keyId));
  return { keyId, bytes: Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]) };
}

/** @throws ERR_ITEM_DAMAGED */
export function openValue(at: ItemAt, { keyId, bytes }: StoredValue, key: KeyObject): Buffer {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw damagedItem(at);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(placeOf(at, keyId));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw damagedItem(at, cause);
  }
  return plain;
}

function damagedItem({ table, upTo }: ItemAt, cause?: unknown): JoulekeepError {
  return new JoulekeepError('ERR_ITEM_DAMAGED', `${table}: an item of ${upTo.stream} does not open`, { cause });
}

function placeOf({ table, partition, sort, upTo }: ItemAt, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([table, partition, sort, upTo.stream, upTo.version, keyId]));
}
