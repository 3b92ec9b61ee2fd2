import { type AreaItem, area, type TellOperator } from '../../domain/demand/area.ts';
import type { AreaState } from '../../domain/demand/area-state.ts';
import { type PartitionState, partitionStream } from '../../domain/demand/partition-stream.ts';
import { OPERATOR_FEED_TYP } from '../../events/catalogue/operator-feed.ts';
import type { AreaPartitioned, FeedItem } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { FeedHead } from '../../protocol/feed.ts';
import type { Defences } from '../../topology/defences.ts';
import { FeedChain } from '../shared/feeds/feed-chain.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import { AREA_STREAMS, areaFeed, OPERATOR_FEED_KEY, PARTITION } from '../shared/feeds/operator-feed.ts';
import { foldStream, runDecider, WarmStreams } from '../shared/streams.ts';
import { partitionStatement, type Statement, statementOf } from './payload.ts';

/** Areas whose feed stays in memory. */
const WARM_AREAS = 4_096;

/** Puts items into feeds: gives them their place, signs them, and records what was signed. */
export class Teller {
  readonly #platform: Platform;
  readonly #defences: Defences;
  readonly #signer: JwsSigner;
  readonly #areas = new WarmStreams<AreaState>(WARM_AREAS);
  readonly #partition = new WarmStreams<PartitionState>(1);

  constructor(platform: Platform, defences: Defences) {
    this.#platform = platform;
    this.#defences = defences;
    this.#signer = new JwsSigner(platform.kms, OPERATOR_FEED_KEY, OPERATOR_FEED_TYP);
  }

  async areaState(id: string): Promise<AreaState> {
    return (await foldStream(this.#platform.events, streamOf(id), area, this.#areas)).state;
  }

  async partitionState(): Promise<PartitionState> {
    return (await foldStream(this.#platform.events, streamOf(PARTITION), partitionStream, this.#partition)).state;
  }

  /**
   * Items of one area, in this order, behind what was told. Each is a commit of its own: then every sequence is a place from which
   * the stream can be read on. @returns how many were new @throws ERR_CHAIN_MOVED (retryable)
   */
  async tell(id: string, intervalMinutes: number, items: readonly AreaItem[]): Promise<number> {
    let told = 0;
    for (const item of items) {
      const at = this.#platform.clock.now();
      const signed = await this.#sign(id, await this.areaState(id), statementOf(item, intervalMinutes, at), at);
      const command: TellOperator = { ...item, item: signed };
      const { events } = await runDecider(this.#platform.events, streamOf(id), area, command, this.#areas);
      told += events.length;
    }
    return told;
  }

  /** @param customers by area */
  async tellPartition(data: AreaPartitioned, customers: ReadonlyMap<string, number>): Promise<void> {
    const at = this.#platform.clock.now();
    const item = await this.#sign(PARTITION, await this.partitionState(), partitionStatement(data, customers, at), at);
    const command = { type: 'AreaPartitioned' as const, data, item };
    await runDecider(this.#platform.events, streamOf(PARTITION), partitionStream, command, this.#partition);
  }

  async #sign(id: string, head: FeedHead, { statement, body }: Statement, at: number): Promise<FeedItem> {
    const chain = new FeedChain(areaFeed(id), this.#signer, this.#defences);
    const { jws, place, head: next } = await chain.next(head, statement, { ...body });
    return { seq: place.seq, prevHash: head.hash, jws, hash: next.hash, at };
  }
}

function streamOf(id: string): string {
  return `${AREA_STREAMS}${id}`;
}
