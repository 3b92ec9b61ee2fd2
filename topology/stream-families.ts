/**
 * Families of streams, by how their names begin; each stream has a chain of its own. Whatever is recorded lies in one of them, and an
 * auditor can have each verified. @source X.1332 10.1 (stored data intact)
 */
export const STREAM_FAMILIES = [
  'segment/',
  'meter/',
  'relay/',
  'usagepoint/',
  'account/',
  'meterday/',
  'exception/',
  'tariff/',
  'bill/',
  'area/',
  'forecast/',
  'consent/',
  'erasure/',
  'recipient/',
  'release/',
  'price/',
  'demand-response/',
  'feed/',
  'party-feed/',
  'delivery/',
  'access/',
  'audit/',
  'verification/',
  'sign-in/',
] as const;
export type StreamFamily = (typeof STREAM_FAMILIES)[number];
