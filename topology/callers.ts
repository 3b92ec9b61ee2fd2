/**
 * Who may come in by the doors, in the directory: the CA of each role under `caller/issuer/<role>`, a certificate under
 * `caller/<SHA-256 of the DER, hex>`. What is not there is nobody's.
 */
export const CALLERS = {
  /** Of their keys. */
  prefix: 'caller/',
  issuerPrefix: 'caller/issuer/',
  /** Where they lie apart on a platform whose permissions go by partition: few may write there. */
  partition: 'callers',
} as const;
