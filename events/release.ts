/** Facts of stream `release/tables`: what went out to researchers and to the public. @source X.1332 9.3, 10.3 */
export type ReleaseEvent = { readonly type: 'TablesReleased'; readonly data: TablesReleased };

export interface TablesReleased {
  /** `yyyy-Qn`, UTC. */
  readonly quarter: string;
  /** Areas that are in the tables, and at which step; the same area at no other step. */
  readonly areas: readonly { readonly area: string; readonly stepMinutes: number }[];
  /** Areas that are not: too few customers, or nothing of them was told. */
  readonly suppressed: number;
  /** Where the tables lie in the object store, and the SHA-256 of what lies there, hex. */
  readonly key: string;
  readonly sha256: string;
  /** UTC ms. */
  readonly at: number;
}
