import type { FeedStatement } from '../../../events/catalogue/feed-item.ts';
import { FEED_START, type FeedHead, type FeedPlace } from '../../../protocol/feed.ts';
import { compactJws, jwsHash, jwsSigningInput } from '../../../protocol/jws.ts';
import type { Defences } from '../../../topology/defences.ts';
import type { JwsSigner } from './jws-signer.ts';

/** An item as it leaves, and where the feed stands after it. */
export interface ChainedItem {
  /** Compact JWS. */
  readonly jws: string;
  readonly place: FeedPlace;
  readonly head: FeedHead;
}

/** Signs the items of one feed, one on top of the other. Where the feed stands its caller knows: from its stream, never from here. */
export class FeedChain {
  readonly #feed: string;
  readonly #signer: JwsSigner;
  readonly #defences: Defences;

  /** @param feed e.g. `operator/area-demand`; the first part is the audience */
  constructor(feed: string, signer: JwsSigner, defences: Defences) {
    this.#feed = feed;
    this.#signer = signer;
    this.#defences = defences;
  }

  /**
   * The next item.
   * @param body what the item carries besides, plain JSON
   * @throws ERR_SIGNING_KEY (retryable), and what the key service throws
   */
  async next(head: FeedHead, statement: FeedStatement, body: Readonly<Record<string, unknown>>): Promise<ChainedItem> {
    const before = this.#defences.feedChain ? head : FEED_START;
    const place: FeedPlace = { feed: this.#feed, seq: head.seq + 1, prevHash: before.hash };
    const payload = itemPayload(place, statement, body);
    const jws = this.#defences.feedSignature ? await this.#signer.sign(payload) : unsigned(payload);
    return { jws, place, head: { seq: place.seq, hash: jwsHash(jws) } };
  }
}

/** What is signed. Place and statement come last, so that a body can't name one of its own. */
export function itemPayload(place: FeedPlace, statement: FeedStatement, body: Readonly<Record<string, unknown>>): object {
  return { ...body, ...statement, ...place };
}

/** With the defence off: an item that anybody could have made. */
function unsigned(payload: unknown): string {
  const input = jwsSigningInput({ kid: 'none', typ: 'none' }, Buffer.from(JSON.stringify(payload)));
  return compactJws(input, new Uint8Array(64));
}
