import type { FeedReplayed, FeedsView } from '../../api/console.ts';
import type { DeliveryState } from '../../domain/delivery/delivery.ts';
import { JoulekeepError } from '../../events/index.ts';
import { askReplay, endpointsOf } from '../deliver/endpoints.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import type { ConsoleDesk } from './desk.ts';
import { type FeedRow, feedId, feedRows, newestItem } from './feed-rows.ts';

/** Items about an interval; of one that is withheld nothing is told but that. */
const INTERVALS: readonly string[] = ['AreaDemandPublished', 'AreaRevised', 'AreaSuppressed'];

type Delivery = NonNullable<FeedsView['feeds'][number]['delivery']>;

export async function showFeeds(desk: ConsoleDesk, _call: Call<'showFeeds'>): Promise<Answer> {
  const rows = await feedRows(desk);
  const body: FeedsView = { asOf: instant(desk.clock.now()), feeds: await Promise.all(rows.map((row) => rowBody(desk, row))) };
  return { body };
}

/**
 * Brings everything behind a sequence again, to everybody who is brought the feed; who asked is on record.
 * @throws ERR_DELIVERY_UNSET for a feed that nobody is brought, ERR_REPLAY_AHEAD
 */
export async function replayFeed(desk: ConsoleDesk, { caller, path, body }: Call<'replayFeed'>): Promise<Answer> {
  const endpoints = (await endpointsOf(desk)).filter(({ feed }) => feedId(feed) === path.feed);
  if (endpoints.length === 0) throw new JoulekeepError('ERR_DELIVERY_UNSET', 'nobody is brought this feed');
  for (const { recipient, feed } of endpoints) await askReplay(desk, { recipient, feed }, body.from, caller.person);
  return { body: { feed: path.feed, from: body.from } satisfies FeedReplayed };
}

async function rowBody(desk: ConsoleDesk, { feed, stream, audience, sequence, newest, behind, delivery }: FeedRow) {
  const told = stream.startsWith('area/') ? await newestTold(desk, stream) : undefined;
  return {
    ...{ feed, audience, sequence, newest: instantOrNull(newest) },
    completeness: told?.completeness ?? null,
    revision: told?.revision ?? null,
    delivery: delivery === undefined ? null : deliveryBody(delivery.recipient, delivery.state, sequence, behind),
  };
}

/** Of the newest interval, as the operator was told it. */
async function newestTold(desk: ConsoleDesk, stream: string): Promise<{ completeness?: string; revision?: number } | undefined> {
  const item = await newestItem(desk, stream, ({ type }) => INTERVALS.includes(type));
  const claims = item?.jws?.split('.')[1];
  return claims === undefined
    ? undefined
    : (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { completeness?: string; revision?: number });
}

function deliveryBody(recipient: string, state: DeliveryState, sequence: number, behind: number): Delivery {
  const { failing, through } = state;
  return {
    ...{ recipient, status: statusOf(state, sequence), sent: through, behind },
    failures: failing?.attempt ?? 0,
    nextAttempt: instantOrNull(failing?.nextAt),
  };
}

function statusOf({ status, failing, setAside, through }: DeliveryState, sequence: number): Delivery['status'] {
  if (status !== 'open') return 'unset';
  if (failing !== undefined) return 'failing';
  if (setAside.length > 0) return 'set-aside';
  return through < sequence ? 'delivering' : 'idle';
}
