/** Messages of the benchmark's load generator (`fork` with serialization 'advanced'). */
export type ToBenchFleet =
  | BenchLoad
  /** Publishes everything that was sealed, as fast as the broker acknowledges. Answers: `sent` now and then, `done`. */
  | { readonly type: 'go' }
  | { readonly type: 'stop' };

/** Answer: `sealed`. */
export interface BenchLoad {
  readonly type: 'load';
  /** 8 bytes per meter. */
  readonly meterIds: Uint8Array;
  /** 32 bytes per meter, in the same order. */
  readonly secrets: Uint8Array;
  /** Epoch that every secret belongs to. */
  readonly epoch: number;
  /** UTC ms: end of the first interval; each frame carries the next four. */
  readonly firstEnd: number;
  readonly intervalMinutes: 5 | 15 | 30;
  readonly framesPerMeter: number;
  /** First counter; later ones follow. 1 */
  readonly firstCounter?: number;
  /** Day inside the epoch; 0 */
  readonly generation?: number;
  /** Meter i speaks through concentrator i mod their number. */
  readonly concentrators: readonly BenchConcentrator[];
  /** mqtts://host:port */
  readonly brokerUrl: string;
  /** PEM. */
  readonly brokerCa: string;
  /** Batches waiting for PUBACK, over all connections; 100. */
  readonly inFlight?: number;
  /** Frames a second over all concentrators; absent = as fast as they are acknowledged. */
  readonly framesPerSecond?: number;
  /** Receive time written into batches, UTC ms; absent = the wall clock. */
  readonly receivedAt?: number;
  /** First batch sequence of every concentrator; 1 */
  readonly firstSequence?: number;
}

export interface BenchConcentrator {
  readonly dcId: string;
  /** PKCS #8 PEM. */
  readonly key: string;
  /** X.509 DER. */
  readonly certificate: Uint8Array;
}

export type FromBenchFleet =
  | { readonly type: 'sealed'; readonly frames: number; readonly wh: number; readonly milliseconds: number; readonly rssBytes: number }
  | { readonly type: 'sent'; readonly frames: number; readonly batches: number }
  | { readonly type: 'done'; readonly frames: number; readonly batches: number; readonly milliseconds: number; readonly rssBytes: number }
  | { readonly type: 'failed'; readonly message: string };
