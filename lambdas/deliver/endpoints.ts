import { type DeliveryCommand, type DeliveryState, delivery } from '../../domain/delivery/delivery.ts';
import type { Audience } from '../../events/catalogue/entry.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type DeliveryWord, keepWord } from '../shared/kept-words.ts';
import { foldStream, runDecider } from '../shared/streams.ts';

/** A recipient of a feed by push. */
export interface Endpoint {
  readonly recipient: string;
  /** `<audience>/<name>`. */
  readonly feed: string;
}

const RECIPIENT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const FEED = /^(operator|billing|third-party|customer)(\/[A-Za-z0-9][A-Za-z0-9._-]{0,95}){1,2}$/;
const PREFIX = 'delivery/';

/** Stream and agenda entry of an endpoint have one name, but for their order: agendas are looked at by audience. */
export function deliveryStream(endpoint: Endpoint): string {
  return PREFIX + placeOf(endpoint);
}

/** An endpoint in a word that is kept. */
function placeOf({ recipient, feed }: Endpoint): string {
  return `${recipient}/${feed}`;
}

/** Who may say where a third party's own feed goes may say so of no other feed. */
function kindOf({ feed }: Endpoint): 'delivery' | 'party-delivery' {
  return feed.startsWith('third-party/') ? 'party-delivery' : 'delivery';
}

/**
 * What a feed is pushed to from now on, beginning with its first item.
 * @throws ERR_ENDPOINT_INVALID for an address, recipient or feed that can't be
 */
export async function setEndpoint(
  platform: Platform,
  endpoint: Endpoint & { readonly url: string; readonly ca?: string },
  by: string,
): Promise<DeliveryState> {
  const { recipient, feed, url, ca } = endpoint;
  const parsed = URL.parse(url);
  const fits =
    RECIPIENT.test(recipient) && FEED.test(feed) && parsed?.protocol === 'https:' && parsed.username === '' && parsed.password === '';
  if (!fits) throw new JoulekeepError('ERR_ENDPOINT_INVALID', 'an endpoint is an https address, for a recipient and a feed by their names');
  const at = platform.clock.now();
  const set = { recipient, feed, url, ...(ca === undefined ? {} : { ca }), by, at };
  return await change(platform, endpoint, { type: 'SetEndpoint', ...set }, { said: 'set', ...set });
}

/** @throws ERR_DELIVERY_UNSET */
export async function endEndpoint(platform: Platform, endpoint: Endpoint, reason: string, by: string): Promise<DeliveryState> {
  const ended = { reason, by, at: platform.clock.now() };
  return await change(platform, endpoint, { type: 'EndEndpoint', ...ended }, { said: 'ended', ...ended });
}

/** Everything behind a sequence again, at once. @throws ERR_DELIVERY_UNSET, ERR_REPLAY_AHEAD */
export function askReplay(platform: Platform, endpoint: Endpoint, after: number, by: string): Promise<DeliveryState> {
  return change(platform, endpoint, { type: 'AskReplay', after, by, at: platform.clock.now() });
}

export async function deliveryState({ events }: Pick<Platform, 'events'>, endpoint: Endpoint): Promise<DeliveryState> {
  return (await foldStream(events, deliveryStream(endpoint), delivery)).state;
}

/** Records what happened and when somebody has to look again. @param word kept before it is recorded: nothing goes on to where it went before, whatever a restore brings back */
export async function change(
  platform: Platform,
  endpoint: Endpoint,
  command: DeliveryCommand,
  word?: DeliveryWord,
): Promise<DeliveryState> {
  // Of what is so already nothing is kept.
  const before = async () => {
    if (word !== undefined) await keepWord(platform, kindOf(endpoint), placeOf(endpoint), word);
  };
  const { state } = await runDecider(platform.events, deliveryStream(endpoint), delivery, command, undefined, { before });
  await noteDue(platform, endpoint, state.failing?.nextAt ?? platform.clock.now());
  return state;
}

/** @param dueAt UTC ms at which the feed is looked at again without being asked */
export async function noteDue({ directory }: Pick<Platform, 'directory'>, { recipient, feed }: Endpoint, dueAt: number): Promise<void> {
  await directory.put([{ key: `${PREFIX}${feed}/${recipient}`, value: Buffer.from(String(dueAt)) }]);
}

/** Nothing is due: whatever comes next wakes it. */
export const NOT_DUE = Number.MAX_SAFE_INTEGER;

/** Every endpoint of an audience, or of all, with the time at which it is due. The directory can be made anew from the streams. */
export async function endpointsOf(
  { directory }: Pick<Platform, 'directory'>,
  audience?: Audience,
): Promise<readonly (Endpoint & { readonly dueAt: number })[]> {
  const found: (Endpoint & { readonly dueAt: number })[] = [];
  for await (const { key, value } of directory.list(audience === undefined ? PREFIX : `${PREFIX}${audience}/`)) {
    const cut = key.lastIndexOf('/');
    found.push({ recipient: key.slice(cut + 1), feed: key.slice(PREFIX.length, cut), dueAt: Number(value.toString()) });
  }
  return found;
}
