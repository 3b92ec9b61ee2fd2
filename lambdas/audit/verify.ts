import type { Verified } from '../../api/console.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { STREAM_FAMILIES } from '../../topology/stream-families.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { isCovered, requestsAround } from '../shared/access/verification-requests.ts';

/** Of one piece of work. */
const STREAMS = 200;

/** What is left of a request has to cover all of a piece of work. */
const PIECE_MS = 60_000;

/**
 * Recomputes the chains of a family of streams, a piece at a time, with the tag of every commit whose key is there, for whoever asked before and is on
 * record with that. @throws ERR_CURSOR_REFUSED, ERR_FAMILY_UNKNOWN, ERR_VERIFICATION_UNASKED
 */
export async function verifyStreams(platform: Platform, { caller, body: asked }: Call<'verifyStreams'>): Promise<Answer> {
  const { prefix, cursor } = asked;
  if (!STREAM_FAMILIES.some((family) => prefix.startsWith(family))) throw new JoulekeepError('ERR_FAMILY_UNKNOWN', 'no family of streams');
  await requireAsked(platform, caller.person);
  const list = `verify ${prefix}`;
  const after = cursor === undefined ? '' : (await openCursor<{ stream: string }>(platform.kms, caller.person, list, cursor)).stream;
  const body: Verified = { streams: 0, commits: 0, sealed: 0, faults: [] };
  let last = '';
  for await (const stream of platform.events.streams(prefix)) {
    if (stream <= after) continue;
    if (body.streams === STREAMS)
      return { body: { ...body, cursor: await sealCursor(platform.kms, caller.person, list, { stream: last }) } satisfies Verified };
    const { commits, sealed, bad } = await platform.events.verify(stream);
    body.streams += 1;
    body.commits += commits;
    body.sealed += sealed;
    if (bad !== undefined) body.faults.push({ stream, ...bad });
    last = stream;
  }
  return { body };
}

async function requireAsked({ events, clock }: Platform, person: string): Promise<void> {
  const now = clock.now();
  const asked = (await requestsAround(events, now)).filter((one) => one.person === person && now + PIECE_MS < one.until);
  if (!isCovered(asked, now))
    throw new JoulekeepError('ERR_VERIFICATION_UNASKED', 'ask for a verification first: it is on record who verifies');
}
