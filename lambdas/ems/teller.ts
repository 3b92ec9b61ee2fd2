import { type AreaItem, area, type TellOperator } from '../../domain/demand/area.ts';
import type { AreaState } from '../../domain/demand/area-state.ts';
import { type PartitionState, partitionStream } from '../../domain/demand/partition-stream.ts';
import type { AreaPartitioned, FeedItem } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { jwsHash } from '../../protocol/jws.ts';
import { JwsSigner } from '../shared/jws-signer.ts';
import { foldStream, runDecider, WarmStreams } from '../shared/streams.ts';
import { OPERATOR_FEED, OPERATOR_FEED_KEY } from './feed-name.ts';
import { partitionPayload, payloadOf } from './payload.ts';

/** Areas whose feed stays in memory. */
const WARM_AREAS = 4_096;
export const PARTITION_STREAM = 'area/partition';

/** Puts items into feeds: gives them their place, signs them, and records what was signed. */
export class Teller {
  readonly #platform: Platform;
  readonly #signer: JwsSigner;
  readonly #areas = new WarmStreams<AreaState>(WARM_AREAS);
  readonly #partition = new WarmStreams<PartitionState>(1);

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#signer = new JwsSigner(platform.kms, OPERATOR_FEED_KEY, OPERATOR_FEED);
  }

  async areaState(id: string): Promise<AreaState> {
    return (await foldStream(this.#platform.events, streamOf(id), area, this.#areas)).state;
  }

  async partitionState(): Promise<PartitionState> {
    return (await foldStream(this.#platform.events, PARTITION_STREAM, partitionStream, this.#partition)).state;
  }

  /** Items of one area, in this order, behind what was told. @returns how many were new @throws ERR_AREA_SEQUENCE (retryable) */
  async tell(id: string, items: readonly AreaItem[]): Promise<number> {
    if (items.length === 0) return 0;
    const at = this.#platform.clock.now();
    let { seq, hash } = await this.areaState(id);
    const commands: TellOperator[] = [];
    for (const item of items) {
      const signed = await this.#sign({ seq: seq + 1, prevHash: hash }, at, (place) => payloadOf(item, place, at));
      commands.push({ ...item, item: signed });
      ({ seq, hash } = signed);
    }
    const { events } = await runDecider(this.#platform.events, streamOf(id), area, commands, this.#areas);
    return events.length;
  }

  /** @param customers by area */
  async tellPartition(data: AreaPartitioned, customers: ReadonlyMap<string, number>): Promise<void> {
    const at = this.#platform.clock.now();
    const { seq, hash } = await this.partitionState();
    const item = await this.#sign({ seq: seq + 1, prevHash: hash }, at, (place) => partitionPayload(data, customers, place, at));
    const command = { type: 'AreaPartitioned' as const, data, item };
    await runDecider(this.#platform.events, PARTITION_STREAM, partitionStream, command, this.#partition);
  }

  async #sign(place: Pick<FeedItem, 'seq' | 'prevHash'>, at: number, payload: (of: typeof place) => unknown): Promise<FeedItem> {
    const jws = await this.#signer.sign(payload(place));
    return { ...place, jws, hash: jwsHash(jws), at };
  }
}

function streamOf(id: string): string {
  return `area/${id}`;
}
