import type { Platform } from '../../platform/ports/platform.ts';
import { type Signer, signerOf } from '../../protocol/cose.ts';
import { certifyDayKey, DAY_KEY_LIFE, type DaySigned } from '../../protocol/day-key.ts';
import { ephemeralPair } from '../../protocol/handshake.ts';
import type { KeyringKey } from '../shared/keys/manifest.ts';

/** Signs answers to HELLOs; they carry its certificate. */
export interface DaySigner extends DaySigned {
  readonly sign: Signer;
}

interface Held {
  readonly handshakeKey: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly signer: Promise<DaySigner>;
}

/**
 * The key that this process signs ACCEPT and EPOCH-IS with. KMS certifies it once, and again when its day is over or another
 * handshake key is in force. The private half is in this memory alone, and nothing but the signer refers to it.
 * @source X.1332 10.1 (keys stored and refreshed securely)
 */
export class DayKeys {
  readonly #platform: Pick<Platform, 'kms'>;
  #held: Held | undefined;

  constructor(platform: Pick<Platform, 'kms'>) {
    this.#platform = platform;
  }

  /** @param handshake the handshake key in force @param now UTC ms: what is signed is of this time */
  async signer(handshake: KeyringKey, now: number): Promise<DaySigner> {
    this.dropPast(now);
    const held = this.#held?.handshakeKey === handshake.kmsKeyId ? this.#held : this.#certify(handshake, now);
    this.#held = held;
    try {
      return await held.signer;
    } catch (error) {
      if (this.#held === held) this.#held = undefined;
      throw error;
    }
  }

  /** Forgets the key when its day does not cover `now` (UTC ms). */
  dropPast(now: number): void {
    if (this.#held !== undefined && (now < this.#held.notBefore || now >= this.#held.notAfter)) this.#held = undefined;
  }

  #certify(handshake: KeyringKey, now: number): Held {
    const { privateKey, point } = ephemeralPair();
    const notAfter = Math.min(now + DAY_KEY_LIFE, handshake.notAfter);
    const certificate = { point, notBefore: now, notAfter, handshakeKeyId: handshake.keyId };
    const sign = signerOf(privateKey);
    const signer = certifyDayKey(certificate, (toBeSigned) => this.#platform.kms.sign(handshake.kmsKeyId, toBeSigned));
    return { handshakeKey: handshake.kmsKeyId, notBefore: now, notAfter, signer: signer.then((dayKey) => ({ dayKey, sign })) };
  }
}
