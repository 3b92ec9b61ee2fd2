/** Physical names of the proof's resources, for the tests that look for them. */
export const PROOF = {
  key: 'alias/joulekeep-proof-key',
  table: 'joulekeep-proof-table',
  queue: 'joulekeep-proof-queue',
  deadLetter: 'joulekeep-proof-queue-dlq',
  bucket: 'joulekeep-proof-bucket',
  bus: 'joulekeep-proof',
  parameter: '/joulekeep/proof/table',
  landing: 'joulekeep-proof-landing',
  landed: 'joulekeep-proof-landed',
} as const;
