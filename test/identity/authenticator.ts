import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { Encoder } from 'cbor-x/index-no-eval';

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;
const cbor = new Encoder({ useRecords: false, mapsAsObjects: false, tagUint8Array: false });

/** What an authenticator does otherwise than it should. */
export interface Misbehaviour {
  readonly origin?: string;
  readonly rpId?: string;
  /** The person behind it was not verified. */
  readonly unverified?: true;
  readonly challenge?: string;
  readonly counter?: number;
  readonly userHandle?: string;
}

/** A passkey in software: one P-256 key, attestation "none". @source W3C Web Authentication Level 3, 6.1, 6.5 */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32);
  readonly #key: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly #origin: string;
  #counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
    this.#key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  /** Answer to options of a registration. */
  create(options: { readonly challenge: string }, wrong: Misbehaviour = {}): Record<string, unknown> {
    const client = this.#client('webauthn.create', options.challenge, wrong);
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, this.#coseKey()]);
    const authData = Buffer.concat([this.#head(ATTESTED, wrong), attested]);
    const attestation = cbor.encode(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    const response = { clientDataJSON: base64(client), attestationObject: base64(attestation), transports: ['internal'] };
    return { id: base64(this.id), rawId: base64(this.id), type: 'public-key', clientExtensionResults: {}, response };
  }

  /** Answer to options of a sign-in. */
  get(options: { readonly challenge: string }, wrong: Misbehaviour = {}): Record<string, unknown> {
    const client = this.#client('webauthn.get', options.challenge, wrong);
    const authData = this.#head(0, wrong);
    const signature = sign('sha256', Buffer.concat([authData, createHash('sha256').update(client).digest()]), this.#key.privateKey);
    const response = { clientDataJSON: base64(client), authenticatorData: base64(authData), signature: base64(signature) };
    const userHandle = wrong.userHandle === undefined ? {} : { userHandle: wrong.userHandle };
    return {
      ...{ id: base64(this.id), rawId: base64(this.id), type: 'public-key', clientExtensionResults: {} },
      response: { ...response, ...userHandle },
    };
  }

  #client(type: string, challenge: string, wrong: Misbehaviour): Buffer {
    return Buffer.from(
      JSON.stringify({ type, challenge: wrong.challenge ?? challenge, origin: wrong.origin ?? this.#origin, crossOrigin: false }),
    );
  }

  #head(flags: number, { rpId = 'localhost', unverified, counter }: Misbehaviour): Buffer {
    this.#counter = counter ?? this.#counter + 1;
    const bytes = Buffer.alloc(5);
    bytes[0] = flags | PRESENT | (unverified === undefined ? VERIFIED : 0);
    bytes.writeUInt32BE(this.#counter, 1);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), bytes]);
  }

  #coseKey(): Buffer {
    const { x, y } = this.#key.publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    return cbor.encode(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    );
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
