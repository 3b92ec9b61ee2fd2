import type {
  ConsentNarrowed,
  ConsentRevoker,
  DeviceReleased,
  EndpointEnded,
  EndpointSet,
  ErasureRequested,
  LegalHoldPlaced,
  MeterRetired,
  SealingKeySet,
  WebhookSet,
} from '../../events/index.ts';
import type { KeyTable } from '../../platform/ports/key-table.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { KEPT_WORD_DAYS } from '../../topology/personal-data.ts';

const KEPT = 'kept/';
const DAY_MS = 86_400_000;

/** Who revoked a consent, and to what it was narrowed, by the consent's id. */
export type ConsentWord =
  | { readonly said: 'revoked'; readonly by: ConsentRevoker; readonly at: number }
  | ({ readonly said: 'narrowed' } & ConsentNarrowed);

/** What was asked of an erasure, by the account. */
export type ErasureWord =
  | ({ readonly said: 'requested' } & ErasureRequested)
  | { readonly said: 'withdrawn'; readonly by: string; readonly at: number }
  | ({ readonly said: 'hold' } & LegalHoldPlaced)
  | { readonly said: 'released'; readonly hold: string; readonly by: string; readonly at: number };

/** What was taken from a third party, or took the place of what was, by its id. That it may go on only ends what was said before. */
export type RecipientWord =
  | { readonly said: 'suspended'; readonly reason: string; readonly at: number }
  | { readonly said: 'resumed'; readonly at: number }
  | { readonly said: 'withdrawn'; readonly fingerprint: string; readonly at: number }
  | ({ readonly said: 'sealing-key' } & SealingKeySet);

/** Where a third party is told, by its id: it says so itself, and so by a kind apart from what is taken from it. */
export type WebhookWord = { readonly said: 'webhook' } & WebhookSet;

/** Where a feed is pushed, or that it is not any more, by `<recipient>/<feed>`: `party-delivery` of the feeds of third parties, which say so themselves. */
export type DeliveryWord = ({ readonly said: 'set' } & EndpointSet) | ({ readonly said: 'ended' } & EndpointEnded);

/**
 * How a meter or a concentrator stands, by its id: cut off, since when its stream says so, and why; for good; let in again, which only ends what was said before.
 * `at` is when it was said, by the clock of who said it: what ingest says stands in the stream under the time of a message, which may have waited.
 */
export type DeviceWord =
  | { readonly said: 'quarantined'; readonly reason: string; readonly since: number; readonly at: number }
  | ({ readonly said: 'retired' } & MeterRetired)
  | ({ readonly said: 'released' } & DeviceReleased);

export interface Words {
  readonly meter: DeviceWord;
  readonly relay: DeviceWord;
  readonly consent: ConsentWord;
  readonly erasure: ErasureWord;
  readonly recipient: RecipientWord;
  readonly webhook: WebhookWord;
  readonly delivery: DeliveryWord;
  readonly 'party-delivery': DeliveryWord;
}

/**
 * Keeps what somebody said, beside the streams: in the key table, which is never put back. Streams may be, and say it no more then; a restore says it
 * again. Ids and moments, nothing of anybody's data. It goes when no backup can be older, and one that old is not kept any more. Repeated it is kept once. @param of whom or what, as the kind says
 */
export async function keepWord<Kind extends keyof Words>(
  { keys, clock }: Pick<Platform, 'keys' | 'clock'>,
  kind: Kind,
  of: string,
  word: Words[Kind],
): Promise<void> {
  const destroyAt = word.at + KEPT_WORD_DAYS * DAY_MS;
  if (clock.now() >= destroyAt) return;
  await keys.putIfAbsent({
    ...{ id: `${KEPT}${kind}/${of}/${nameOf(word)}`, wrapped: Buffer.from(JSON.stringify(word)), wrappedBy: 'nobody' },
    ...{ createdAt: word.at, destroyAt },
  });
}

/** What is kept of a kind, by whom or what it is of, in the order in which it was said. */
export async function keptWords<Kind extends keyof Words>(
  keys: KeyTable,
  kind: Kind,
): Promise<ReadonlyMap<string, readonly Words[Kind][]>> {
  const words = new Map<string, Words[Kind][]>();
  for (const { id, wrapped } of await keys.list(`${KEPT}${kind}/`)) {
    const of = id.slice(KEPT.length + kind.length + 1, id.lastIndexOf('/'));
    const said = words.get(of) ?? [];
    said.push(JSON.parse(wrapped.toString()) as Words[Kind]);
    words.set(of, said);
  }
  for (const said of words.values()) said.sort((one, other) => one.at - other.at);
  return words;
}

/** A hold is placed, and released, once under its name; all else may be said again later. */
function nameOf(word: Words[keyof Words]): string {
  if ('fingerprint' in word) return `${word.said}.${word.at}.${word.fingerprint}`;
  return `${word.said}.${'hold' in word ? word.hold : word.at}`;
}
