import type { ZodType } from 'zod';

/** Who receives integration events. @source X.1332 7, 8.2, 8.3 */
export type Audience = 'operator' | 'billing' | 'third-party' | 'customer';

/**
 * One type of integration event: what one audience may be told, and nothing else. The type is a contract with people
 * outside: a changed shape is a new type with the next number at its end, and the one before goes on for a release.
 */
export interface CatalogueEntry {
  /** `joulekeep.<audience>.<fact>.v<number>`, e.g. `joulekeep.billing.day-finalized.v1`. */
  readonly type: string;
  readonly audience: Audience;
  /** Queue that delivers it. */
  readonly queue: string;
  /** One line for docs/events.md. */
  readonly says: string;
  /** What orders events: those with the same subject come in this order, as far as the change feed allows. */
  readonly ordered: string;
  readonly data: ZodType;
  /** The version before, while it is still published beside this one. */
  readonly former?: FormerVersion;
}

/** How a type was until a release ago. */
export interface FormerVersion {
  /** The same name with the number before. */
  readonly type: string;
  readonly data: ZodType;
  /** The data of today as that version had it. @param data valid by the entry's schema */
  readonly from: (data: unknown) => unknown;
}

/** An event as it is delivered. @source CloudEvents 1.0.2, JSON event format */
export interface CloudEvent<Data> {
  readonly specversion: '1.0';
  /** `<stream>/<version>` of the fact: the same fact delivered again, or in another version of its type, has the same id. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
}
