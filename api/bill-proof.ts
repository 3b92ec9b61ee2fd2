import * as z from 'zod';

/** Bytes as base64 with padding. */
const Base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

/** One commit: its bytes as they lie in the store, the key that opens it and no other, its place in the log. */
const ProvenCommit = z.strictObject({
  envelope: Base64,
  body: Base64,
  tag: Base64,
  key: Base64,
  /** Number of its entry in the log, from 0. */
  entry: z.int().min(0),
  /** What leads from the entry to the root of the checkpoint: hashes of 32 bytes, one behind the other. */
  path: Base64,
});
export type ProvenCommit = z.infer<typeof ProvenCommit>;

/** One commit that speaks of somebody else as well: it is there, in the log, and nothing of it is shown. */
const WithheldCommit = z.strictObject({
  /** Version of its first event in its stream. */
  withheld: z.int().min(0),
  /** What its entry in the log has: SHA-256 over its bytes as they lie in the store. */
  hash: Base64,
  entry: z.int().min(0),
  path: Base64,
});
export type WithheldCommit = z.infer<typeof WithheldCommit>;

/** What a bill rests on, so that anybody can check it without asking the utility (docs/bill-proof.md). */
export const BillProof = z.strictObject({
  format: z.literal('joulekeep-bill-proof'),
  version: z.literal(2),
  /** The log's signed note. */
  checkpoint: z.string(),
  /** The commit that the bill went out with. */
  bill: ProvenCommit,
  /** What makes the days the customer's: every commit of the account, and of the usage point, in order. */
  binding: z.strictObject({
    account: z.array(z.union([ProvenCommit, WithheldCommit])),
    point: z.array(z.union([ProvenCommit, WithheldCommit])),
  }),
  /** Of each day it names, every commit up to the revision it was rated from, in order of stream and version. */
  days: z.array(ProvenCommit),
  /** The publication of each tariff version it names. */
  tariffs: z.array(ProvenCommit),
  /** Files of prices that these tariffs name by their SHA-256. */
  series: z.array(z.strictObject({ key: z.string(), text: z.string() })),
  /** DER, of the meters that sealed the days. */
  certificates: z.array(z.strictObject({ meterId: z.string(), certificate: Base64 })),
});
export type BillProof = z.infer<typeof BillProof>;
