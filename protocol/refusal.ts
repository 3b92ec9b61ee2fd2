export type RefusalCode =
  | 'ERR_FRAME_REFUSED'
  | 'ERR_BATCH_REFUSED'
  | 'ERR_HANDSHAKE_REFUSED'
  | 'ERR_DOWNLINK_REFUSED'
  | 'ERR_SEAL_REFUSED'
  | 'ERR_MANIFEST_REFUSED'
  | 'ERR_LOG_REFUSED';

/**
 * The one failure of this room. Outward there is the code alone: no message, nothing to print or to serialise.
 * `reason` is for the record of the refusal and never for the sender.
 */
export class ProtocolRefusal extends Error {
  readonly code: RefusalCode;
  readonly #reason: string;

  constructor(code: RefusalCode, reason: string) {
    super(code);
    this.name = 'ProtocolRefusal';
    this.code = code;
    this.#reason = reason;
  }

  /** One word or two, e.g. `layout`, `high-s`, `mac`. */
  get reason(): string {
    return this.#reason;
  }
}

/** What was read; `instead` where it was refused. Any other failure stays one. */
export async function unlessRefused<Read, Instead>(reading: Promise<Read>, instead: Instead): Promise<Read | Instead> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ProtocolRefusal) return instead;
    throw error;
  }
}
