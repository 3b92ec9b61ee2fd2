import { createHash, createPublicKey, verify } from 'node:crypto';
import { isCount } from '../portable/values.ts';
import { ProtocolRefusal } from '../refusal.ts';
import { LOG_HASH_BYTES } from './hashes.ts';
import type { LogHead } from './verification.ts';

/** What the log's key signs: how long the log was at one moment, and the root over it. */
export interface LogCheckpoint extends LogHead {
  /** Which log, e.g. `joulekeep/log`. */
  readonly origin: string;
  /** UTC ms. */
  readonly at: number;
}

const DASH = '\u2014';
const KEY_ID_BYTES = 4;

/** The text that is signed: origin, size, root, and a line of our own, the time. @source C2SP tlog-checkpoint */
export function checkpointText({ origin, size, root, at }: LogCheckpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n${at}\n`;
}

/** The signed note. @param signature ES256 over the text, r || s @param publicKey SPKI DER */
export function checkpointNote(checkpoint: LogCheckpoint, signature: Buffer, publicKey: Buffer): string {
  const line = Buffer.concat([keyIdOf(publicKey), signature]).toString('base64');
  return `${checkpointText(checkpoint)}\n${DASH} ${checkpoint.origin} ${line}\n`;
}

/**
 * A checkpoint as somebody handed it out.
 * @param publicKeys of the log, SPKI DER, every generation that is trusted
 * @throws ProtocolRefusal ERR_LOG_REFUSED for another origin, an unknown key, a wrong signature, any other layout
 */
export function openCheckpoint(note: string, origin: string, publicKeys: readonly Buffer[]): LogCheckpoint {
  const [named, size, root = '', at, , signer = ''] = note.split('\n', 6);
  if (named !== origin) return refuse('origin');
  const checkpoint = { origin, size: Number(size), root: Buffer.from(root, 'base64'), at: Number(at) };
  if (checkpoint.root.length !== LOG_HASH_BYTES || !isCount(checkpoint.size) || !isCount(checkpoint.at)) return refuse('layout');
  const signed = Buffer.from(signer.slice(signer.lastIndexOf(' ') + 1), 'base64');
  const publicKey = publicKeys.find((candidate) => keyIdOf(candidate).equals(signed.subarray(0, KEY_ID_BYTES)));
  if (publicKey === undefined) return refuse('key');
  const signature = signed.subarray(KEY_ID_BYTES);
  // A checkpoint has one note: no other spelling of a number, no spare bits of base64, nothing behind it.
  if (checkpointNote(checkpoint, signature, publicKey) !== note) return refuse('layout');
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  const isGenuine = verify('sha256', Buffer.from(checkpointText(checkpoint)), { key, dsaEncoding: 'ieee-p1363' }, signature);
  return isGenuine ? checkpoint : refuse('signature');
}

function keyIdOf(publicKey: Buffer): Buffer {
  return createHash('sha256').update(publicKey).digest().subarray(0, KEY_ID_BYTES);
}

function refuse(reason: string): never {
  throw new ProtocolRefusal('ERR_LOG_REFUSED', reason);
}
