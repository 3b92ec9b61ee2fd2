import { createSecretKey } from 'node:crypto';
import type { BillProof, ProvenCommit } from '../../api/bill-proof.ts';
import type { DomainEvent } from '../../events/index.ts';
import { LOG_ORIGIN } from '../../lambdas/log/places.ts';
import { chainHash, openWith } from '../../platform/store/commit.ts';
import { checkStreamName, type Envelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { type LogCheckpoint, openCheckpoint } from '../../protocol/log/checkpoint.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { hashesIn, leafHash } from '../../protocol/log/hashes.ts';
import { verifyInclusion } from '../../protocol/log/verification.ts';
import { ProofFault } from './proof-fault.ts';
import { checkShapes } from './shapes/shape.ts';
import type { Trust } from './trust.ts';

/** A commit that is in the log and opens by its own key, each of its events of the shape of its kind. */
export interface OpenedCommit {
  readonly envelope: Envelope;
  /** Of envelope, ciphertext and tag. */
  readonly hash: Buffer;
  readonly events: readonly DomainEvent[];
}

/** Who signs the log has another clock than who records. */
const CLOCKS_APART_MS = 300_000;
/** What a date can say. */
const LAST_INSTANT_MS = 8_640_000_000_000_000;

/** The checkpoint that all of a proof leads to. @throws ProofFault */
export function trustedCheckpoint({ checkpoint }: Pick<BillProof, 'checkpoint'>, { checkpointKeys }: Trust): LogCheckpoint {
  const head = openedCheckpoint(checkpoint, checkpointKeys);
  if (head === undefined || head.at > LAST_INSTANT_MS)
    throw new ProofFault('checkpoint', 'no trusted key has signed the checkpoint as it is here');
  return head;
}

function openedCheckpoint(note: string, keys: readonly Buffer[]): LogCheckpoint | undefined {
  try {
    return openCheckpoint(note, LOG_ORIGIN, keys);
  } catch {
    return undefined;
  }
}

/** @throws ProofFault */
export function openCommit(proven: ProvenCommit, head: LogCheckpoint): OpenedCommit {
  const bytes = { envelope: decoded(proven.envelope), body: decoded(proven.body), tag: decoded(proven.tag) };
  const envelope = readEnvelope(bytes.envelope);
  const { stream, version } = envelope;
  const hash = chainHash(bytes);
  const leaf = leafHash(encodeEntry({ stream, version, hash }));
  if (!verifyInclusion({ leaf, index: proven.entry, head, proof: hashesIn(decoded(proven.path)) }))
    throw new ProofFault('log', `${stream}: the commit at version ${version} is not in the log as it is here`);
  const events = openedBy(decoded(proven.key), { stream, version, ...bytes }, envelope);
  if (envelope.recordedAt > head.at + CLOCKS_APART_MS)
    throw new ProofFault('log', `${stream}: the commit at version ${version} says that it is younger than the checkpoint`);
  checkShapes(envelope, events);
  return { envelope, hash, events };
}

function openedBy(key: Buffer, stored: Parameters<typeof openWith>[0], envelope: Envelope): readonly DomainEvent[] {
  const { stream, version } = stored;
  if (envelope.keyHash === undefined) throw new ProofFault('key', `${stream}: the commit at version ${version} names no key of its own`);
  try {
    return openWith(stored, envelope, createSecretKey(key));
  } catch {
    throw new ProofFault('key', `${stream}: the commit at version ${version} does not open by its key`);
  }
}

/** No store has a stream of another name, and a reader must be able to tell two of them apart. */
function readEnvelope(bytes: Buffer): Envelope {
  try {
    const envelope = parseEnvelope(bytes);
    checkStreamName(envelope.stream);
    return envelope;
  } catch {
    throw new ProofFault('log', 'a commit has no envelope, or one with a name that no stream has');
  }
}

/** @throws ProofFault for text that is not the one base64 of its bytes */
export function decoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new ProofFault('layout', 'bytes are not written as they are handed out');
  return bytes;
}
