import { createHash } from 'node:crypto';
import { THIRD_PARTY_FEED_TYP } from '../../events/catalogue/third-party-feed.ts';
import type { FeedItemIssued } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { FEED_START, type FeedHead } from '../../protocol/feed.ts';
import type { Defences } from '../../topology/defences.ts';
import { appendItems } from '../shared/feeds/feed-append.ts';
import { FeedChain } from '../shared/feeds/feed-chain.ts';
import { feedStream, partyFeed } from '../shared/feeds/feed-names.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import { readTo } from '../shared/streams.ts';
import { Turns } from '../shared/turns.ts';
import type { Notice } from './notices.ts';

/** KMS key that signs them. */
const KEY = 'third-party-feed';
/** Newest facts of a feed that are known to be in it: one that is delivered again later than that becomes a second notice, which does no harm. */
const FACTS_KEPT = 256;
const ATTEMPTS = 12;

/** Where a recipient's feed stands. */
interface Position {
  readonly stream: StreamHead;
  readonly feed: FeedHead;
  /** Hashes, newest last. */
  readonly facts: readonly string[];
}

/** The feeds of all third parties: one each, named after it, in a stream of its own. */
export class PartyFeeds {
  readonly #platform: Platform;
  readonly #defences: Defences;
  readonly #signer: JwsSigner;
  readonly #turns = new Turns();

  constructor(platform: Platform, defences: Defences) {
    this.#platform = platform;
    this.#defences = defences;
    this.#signer = new JwsSigner(platform.kms, KEY, THIRD_PARTY_FEED_TYP);
  }

  /** Gives a notice its place, once. @returns how many items were issued @throws ERR_VERSION_CONFLICT (retryable), ERR_SIGNING_KEY (retryable) */
  issue(notice: Notice): Promise<number> {
    return this.#turns.run(notice.recipient, async () => {
      for (let attempt = 1; ; attempt++) {
        const position = await this.#follow(notice.recipient);
        if (position.facts.includes(shortOf(notice.fact))) return 0;
        try {
          await this.#append(position, notice);
          return 1;
        } catch (error) {
          if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
        }
      }
    });
  }

  async #append({ stream, feed }: Position, { recipient, fact, window, body }: Notice): Promise<void> {
    const at = this.#platform.clock.now();
    const chain = new FeedChain(partyFeed(recipient), this.#signer, this.#defences);
    const { jws, place, head } = await chain.next(feed, { issuedAt: at, revision: 1, window }, { ...body });
    const item: FeedItemIssued = { seq: place.seq, prevHash: place.prevHash, hash: head.hash, jws, fact, at };
    await appendItems(this.#platform, stream, [item]);
  }

  /** Takes up what the stream has since the last time. */
  async #follow(recipient: string): Promise<Position> {
    const { directory, events } = this.#platform;
    // After a restore it is made of the stream anew.
    const key = (await sinceRestore(directory, 'party-feed/')) + recipient;
    const name = feedStream(partyFeed(recipient));
    const known = positionOf(name, await directory.get(key));
    let feed = known?.feed ?? FEED_START;
    const news: string[] = [];
    const stream = await readTo(events, { stream: name, head: known?.stream }, (commit) => {
      for (const { type, data } of commit.events) {
        if (type !== 'FeedItemIssued') continue;
        feed = { seq: data.seq, hash: data.hash };
        news.push(shortOf(data.fact ?? ''));
      }
    });
    const facts = [...(known?.facts ?? []), ...news].slice(-FACTS_KEPT);
    if (news.length > 0) {
      const position = { version: stream.version, hash: stream.hash.toString('hex'), feed, facts };
      await directory.put([{ key, value: Buffer.from(JSON.stringify(position)) }]);
    }
    return { stream, feed, facts };
  }
}

function positionOf(stream: string, value: Buffer | undefined): Position | undefined {
  if (value === undefined) return undefined;
  const { version, hash, feed, facts } = JSON.parse(value.toString()) as {
    readonly version: number;
    readonly hash: string;
    readonly feed: FeedHead;
    readonly facts: readonly string[];
  };
  return { stream: { stream, version, hash: Buffer.from(hash, 'hex') }, feed, facts };
}

function shortOf(fact: string): string {
  return createHash('sha256').update(fact).digest('base64url').slice(0, 16);
}
