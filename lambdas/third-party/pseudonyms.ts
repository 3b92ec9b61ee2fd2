import { createHmac } from 'node:crypto';
import type { Kms } from '../../platform/ports/kms.ts';
import type { Defences } from '../../topology/defences.ts';

const KEY = 'pseudonym';
/** 96 bits. */
const LENGTH = 16;

/**
 * Ids as one recipient sees them: base64url(HMAC-SHA-256(K, kind, id, period))[0..15], where K is the recipient's own. Two recipients
 * share none, and neither do two periods of one. They are personal data: whoever has the data itself can often link it.
 * @source X.1332 8.2, 9.3
 */
export class Pseudonyms {
  readonly #key: Promise<Buffer>;
  readonly #isOn: boolean;

  constructor(kms: Pick<Kms, 'generateMac'>, recipient: string, { pseudonyms }: Pick<Defences, 'pseudonyms'>) {
    this.#isOn = pseudonyms;
    this.#key = kms.generateMac(KEY, Buffer.from(recipient));
    // Whoever asks for an id hears of it.
    this.#key.catch(() => undefined);
  }

  /** @param period as `periodOf` names it */
  async of(kind: 'usage-point' | 'account', id: string, period: string): Promise<string> {
    if (!this.#isOn) return id;
    const mac = createHmac('sha256', await this.#key).update(JSON.stringify([kind, id, period]));
    return mac.digest('base64url').slice(0, LENGTH);
  }
}

/** Period of data: the calendar year of its local date, so that what is read again says the same. @param day `yyyy-mm-dd` */
export function periodOf(day: string): string {
  return day.slice(0, 4);
}
