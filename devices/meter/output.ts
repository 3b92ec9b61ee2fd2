/** What a meter hands to its concentrator: sealed frames, and the two messages of the handshake topic. */
export interface MeterOutput {
  readonly kind: 'frame' | 'hello' | 'renewal';
  readonly bytes: Buffer;
}
