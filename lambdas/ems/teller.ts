import { type AreaItem, area, type TellOperator } from '../../domain/demand/area.ts';
import type { AreaState } from '../../domain/demand/area-state.ts';
import { type PartitionState, partitionStream } from '../../domain/demand/partition-stream.ts';
import { OPERATOR_FEED_TYP } from '../../events/catalogue/operator-feed.ts';
import type { AreaPartitioned, FeedItem } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { FeedHead } from '../../protocol/feed.ts';
import type { Defences } from '../../topology/defences.ts';
import { FeedChain } from '../shared/feed-chain.ts';
import { JwsSigner } from '../shared/jws-signer.ts';
import { AREA_STREAMS, areaFeed, OPERATOR_FEED_KEY, PARTITION } from '../shared/operator-feed.ts';
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

  /** Items of one area, in this order, behind what was told. @returns how many were new @throws ERR_AREA_SEQUENCE (retryable) */
  async tell(id: string, intervalMinutes: number, items: readonly AreaItem[]): Promise<number> {
    if (items.length === 0) return 0;
    const at = this.#platform.clock.now();
    let head: FeedHead = await this.areaState(id);
    const commands: TellOperator[] = [];
    for (const item of items) {
      const signed = await this.#sign(id, head, statementOf(item, intervalMinutes, at), at);
      commands.push({ ...item, item: signed });
      head = signed;
    }
    const { events } = await runDecider(this.#platform.events, streamOf(id), area, commands, this.#areas);
    return events.length;
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
    return { seq: place.seq, prevHash: place.prevHash, jws, hash: next.hash, at };
  }
}

function streamOf(id: string): string {
  return `${AREA_STREAMS}${id}`;
}
