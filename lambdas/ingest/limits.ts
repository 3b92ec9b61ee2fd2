/** How much a worker takes from one source before it sets frames aside unopened. A bucket's clock is broker time. */
export interface IngestLimits {
  /** Frames of one meter: a full profile's resend at once, then as many an hour. */
  readonly meter: BucketLimit;
  /** Frames over one concentrator: its 72 h spool at once, then as many an hour. */
  readonly relay: BucketLimit;
  /** Frames of meters that the concentrator has no business with. */
  readonly stranger: BucketLimit;
  /** Key look-ups for epochs nobody has heard of, per concentrator. */
  readonly keyLookups: BucketLimit;
  /** Key look-ups for meters without any key in memory, per concentrator. */
  readonly firstKeyLookups: BucketLimit;
  /** Frames beyond its bucket after which a meter is quarantined. */
  readonly floodingFrames: number;
  /** Key objects a worker keeps at hand, 0.7 KB each outside the heap; others are made again from their bytes (ADR 14). */
  readonly keyObjects: number;
  /** Raw bytes of refused frames kept per concentrator. */
  readonly raws: BucketLimit;
}

export interface BucketLimit {
  readonly burst: number;
  readonly perHour: number;
}

export const INGEST_LIMITS: IngestLimits = {
  meter: { burst: 1_200, perHour: 60 },
  relay: { burst: 60_000, perHour: 180_000 },
  stranger: { burst: 2_000, perHour: 2_000 },
  keyLookups: { burst: 200, perHour: 3_600 },
  firstKeyLookups: { burst: 5_000, perHour: 5_000 },
  floodingFrames: 5_000,
  keyObjects: 131_072,
  raws: { burst: 100, perHour: 100 },
};
