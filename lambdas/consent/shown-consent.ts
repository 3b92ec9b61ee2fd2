import { type ConsentState, evolveConsent, UNKNOWN_CONSENT } from '../../domain/consent/consent-state.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import type { Directory, Platform } from '../../platform/ports/platform.ts';
import { type Folded, foldStream, type WarmStreams } from '../shared/streams.ts';
import { consentStream } from './consent-stream.ts';

const STANDING = 'consent-standing/';
/** Whoever looks at a consent reads at most about so many events behind what was noted. */
const NOTED_EVERY = 200;

interface Noted {
  readonly version: number;
  /** Of that commit, hex: behind a restore another one lies there. */
  readonly hash: string;
  readonly state: ConsentState;
}

/** How a consent stood, noted by whoever discloses as the stream grows. Saves reading, and is nothing to disclose by. @param before version that it had when last looked at */
export async function noteStanding(directory: Directory, { head, state }: Folded<ConsentState>, before = 0): Promise<void> {
  if (Math.floor(head.version / NOTED_EVERY) === Math.floor(before / NOTED_EVERY)) return;
  const noted: Noted = { version: head.version, hash: head.hash.toString('hex'), state };
  await directory.put([{ key: STANDING + head.stream, value: Buffer.from(JSON.stringify(noted)) }]);
}

/** A consent as it stands, for showing and for ending it: each pull makes its stream longer, so it is read from where it was noted on. */
export async function shownConsent(
  { events, directory }: Pick<Platform, 'events' | 'directory'>,
  consentId: string,
  warm: WarmStreams<ConsentState>,
): Promise<ConsentState> {
  const stream = consentStream(consentId);
  const noted = warm.get(stream) === undefined ? await notedOf(directory, stream) : undefined;
  if (noted !== undefined && (await isThere(events, stream, noted)))
    warm.set(stream, { state: noted.state, head: { stream, version: noted.version, hash: Buffer.from(noted.hash, 'hex') } });
  return (await foldStream(events, stream, { initial: UNKNOWN_CONSENT, evolve: evolveConsent }, warm)).state;
}

async function notedOf(directory: Directory, stream: string): Promise<Noted | undefined> {
  const value = await directory.get(STANDING + stream);
  return value === undefined ? undefined : (JSON.parse(value.toString()) as Noted);
}

async function isThere(events: Pick<EventStore, 'read'>, stream: string, { version, hash }: Noted): Promise<boolean> {
  for await (const { head } of events.read(stream, version)) return head.version === version && head.hash.toString('hex') === hash;
  return false;
}
