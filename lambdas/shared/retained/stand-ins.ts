import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { JoulekeepError } from '../../../events/index.ts';
import type { StreamHead } from '../../../platform/ports/event-store.ts';
import type { BodyReader } from './checkpoints.ts';
import { openBody, sealBody, sha256 } from './sealed-body.ts';

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, copyBuffers: true });
/** Of what a body holds beside the state. */
const SHAPE = 1;

/** What the deleted beginning of a stream added up to, and where it ended. */
export interface StandIn<State> {
  readonly head: StreamHead;
  readonly state: State;
}

/** Objects of a stream's stand-ins. Segments have theirs under their hash alone (checkpoints.ts). */
export function standInObject(stream: string, hash: Buffer): string {
  return `checkpoints/${stream}/${hash.toString('hex')}`;
}

/** Seals and puts what stands in for a stream up to a head. @returns its SHA-256 */
export async function putStandIn<State>(platform: BodyReader, { head, state }: StandIn<State>): Promise<Buffer> {
  const { stream, version } = head;
  const body = await sealBody(platform, stream, Buffer.from(encoder.encode([SHAPE, version, head.hash, state])));
  const hash = sha256(body);
  await platform.objects.put(standInObject(stream, hash), body);
  return hash;
}

/** What a body says; undefined when it is gone, another, of another shape, or about another head. @param hash SHA-256 */
export async function standInOf<State>(platform: BodyReader, head: StreamHead, hash: Buffer): Promise<StandIn<State> | undefined> {
  const body = await platform.objects.get(standInObject(head.stream, hash));
  if (body === undefined || !sha256(body).equals(hash)) return undefined;
  const opened = await openBody(platform, head.stream, body);
  if (opened === undefined) return undefined;
  const [shape, version, end, state] = decoder.decode(opened) as [number, number, Buffer, State];
  return shape === SHAPE && version === head.version && head.hash.equals(end) ? { head, state } : undefined;
}

/**
 * What a stream's signed anchor says stands in for its beginning; undefined when all of it is kept.
 * @throws ERR_CHECKPOINT_LOST, ERR_ANCHOR_REFUSED
 */
export async function readStandIn<State>(platform: BodyReader, stream: string): Promise<StandIn<State> | undefined> {
  for (let asked: Buffer | undefined; ; ) {
    const anchor = await platform.events.anchor(stream);
    if (anchor?.why !== 'checkpoint') return undefined;
    const found = await standInOf<State>(platform, anchor.head, anchor.body);
    if (found !== undefined) return found;
    // Another may have taken its place while it was looked for.
    if (asked?.equals(anchor.body)) throw new JoulekeepError('ERR_CHECKPOINT_LOST', `${stream}: what stands in for its beginning is gone`);
    asked = anchor.body;
  }
}

/** States alike to the byte, as they would lie in an object. */
export function sameState<State>(one: State, other: State): boolean {
  return Buffer.from(encoder.encode(one)).equals(Buffer.from(encoder.encode(other)));
}
