import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signerOf } from '../../protocol/cose.ts';
import { encodeRenewal } from '../../protocol/handshake.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import { meterThing } from '../../topology/device-access.ts';
import { createCsr } from './csr.ts';
import { certifies, expiryOf, type MeterIdentity } from './identity.ts';

const DAY = 86_400_000;
/** A new certificate is asked for so long before the old one ends. */
const RENEW_AHEAD_DAYS = 90;

/**
 * Renewal of the meter's identity over the live link: a new key made here, its request signed by the old key. The
 * key changes only when the certificate for it has come.
 * @source X.1332 10.1 (keys generated, stored, refreshed securely)
 */
export class IdentityRenewal {
  readonly #meterId: string;
  readonly #identity: MeterIdentity;
  #expiry: number;
  #waiting: { readonly privateKey: KeyObject; readonly bytes: Buffer; nextAt: number } | undefined;

  constructor(meterId: string, identity: MeterIdentity) {
    this.#meterId = meterId;
    this.#identity = identity;
    this.#expiry = expiryOf(identity.certificate);
  }

  /** A renewal that is due at `at` (ms of the meter's clock), once a day and always the same bytes until it is answered. */
  async poll(at: number): Promise<Buffer | undefined> {
    if (at < this.#expiry - RENEW_AHEAD_DAYS * DAY) return undefined;
    this.#waiting ??= await this.#request(at);
    if (at < this.#waiting.nextAt) return undefined;
    this.#waiting.nextAt = at + DAY;
    return this.#waiting.bytes;
  }

  /** @throws ERR_HANDSHAKE_REFUSED unless it certifies this meter and the key that waits */
  receive(certificate: Buffer): void {
    const key = this.#waiting?.privateKey;
    if (key === undefined || !certifies(certificate, key, meterThing(this.#meterId)))
      throw new ProtocolRefusal('ERR_HANDSHAKE_REFUSED', 'certificate');
    this.#identity.privateKey = key;
    this.#identity.certificate = certificate;
    this.#expiry = expiryOf(certificate);
    this.#waiting = undefined;
  }

  async #request(at: number) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const csr = await createCsr(meterThing(this.#meterId), privateKey);
    const renewal = await encodeRenewal({ meterId: this.#meterId, csr }, signerOf(this.#identity.privateKey));
    return { privateKey, bytes: renewal.bytes, nextAt: at };
  }
}
