import { randomBytes, X509Certificate } from 'node:crypto';
import { signatureTbs, verifySignature } from '../../protocol/cose.ts';

/** Signature context of the local read port. */
const LOCAL_READ_CONTEXT = 'JK1 local read';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const CHALLENGE_BYTES = 32;
const CHALLENGE_LIFE_MS = 60_000;

/** What a reader at the port shows. */
export interface LocalCredentials {
  /** Leaf, then its sub-CA, X.509 DER. */
  readonly certificates: readonly Buffer[];
  /** r || s over `localReadTbs` of the challenge, low S, by the leaf's key. */
  readonly signature: Buffer;
}

/** What the reader signs: the challenge bound to this meter. */
export function localReadTbs(meterId: string, challenge: Buffer): Buffer {
  return signatureTbs(LOCAL_READ_CONTEXT, Buffer.concat([Buffer.from(meterId, 'hex'), challenge]));
}

/**
 * The door of the local read port: shut unless a certificate issued under the pinned root by the sub-CA of an admitted
 * role proves that its key is present. Works without any network. A challenge opens once, for a minute.
 * @source protocol.md, keys: every device has a local read port, default deny
 */
export class LocalPort {
  readonly #meterId: string;
  readonly #root: X509Certificate | undefined;
  readonly #roles: readonly string[];
  #challenge: { readonly bytes: Buffer; readonly until: number } | undefined;

  /** @param root DER; without one the port stays shut @param roles whose sub-CAs are admitted, e.g. `operator` */
  constructor(meterId: string, root: Buffer | undefined, roles: readonly string[]) {
    this.#meterId = meterId;
    this.#root = root && new X509Certificate(root);
    this.#roles = roles;
  }

  /** @param at UTC ms of the meter's clock */
  challenge(at: number): Buffer {
    this.#challenge = { bytes: randomBytes(CHALLENGE_BYTES), until: at + CHALLENGE_LIFE_MS };
    return this.#challenge.bytes;
  }

  /** May this reader read now? One answer for every reason. */
  admits(credentials: LocalCredentials, at: number): boolean {
    const challenge = this.#challenge;
    this.#challenge = undefined;
    if (this.#root === undefined || challenge === undefined || at > challenge.until) return false;
    try {
      return this.#trusted(credentials, this.#root, challenge.bytes, at);
    } catch {
      return false;
    }
  }

  #trusted({ certificates, signature }: LocalCredentials, root: X509Certificate, challenge: Buffer, at: number): boolean {
    if (certificates.length !== 2) return false;
    const [leaf, issuer] = certificates.map((der) => new X509Certificate(der));
    if (leaf === undefined || issuer === undefined) return false;
    const admitted = this.#roles.some((role) => commonName(issuer) === `Joulekeep ${role}`);
    const chained = issuedBy(leaf, issuer) && issuedBy(issuer, root);
    const inTime = [leaf, issuer].every(({ validFrom, validTo }) => timeOf(validFrom) <= at && at < timeOf(validTo));
    const use = !leaf.ca && (leaf.keyUsage ?? []).includes(CLIENT_AUTH);
    return admitted && chained && inTime && use && verifySignature(localReadTbs(this.#meterId, challenge), signature, leaf.publicKey);
  }
}

/** As OpenSSL writes times, e.g. `Jan  5 09:34:43 2026 GMT`. */
const TIME = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(\.\d+)? \d{4} GMT$/;

/** UTC ms; NaN for what is no time: the date that is read beside such words is whatever lay in memory. */
function timeOf(words: string): number {
  return TIME.test(words) ? Date.parse(words) : Number.NaN;
}

function issuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function commonName(certificate: X509Certificate): string | undefined {
  return /^CN=(.+)$/.exec(certificate.subject)?.[1];
}
