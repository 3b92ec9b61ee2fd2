/**
 * Where copies of the log's checkpoints lie out of reach of whoever runs the service: another account, another disk. What was put is never
 * put over, and nobody deletes. @source X.1332 10.1 (stored data intact)
 */
export interface Witness {
  /** Puts what isn't there yet. @returns false when something lies under this key, whatever it is */
  put(key: string, body: Buffer): Promise<boolean>;
  get(key: string): Promise<Buffer | undefined>;
  /** Keys with the prefix, in their order. */
  list(prefix: string): Promise<readonly string[]>;
}
