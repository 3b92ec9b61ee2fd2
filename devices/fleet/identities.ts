import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createCsr } from '../meter/csr.ts';
import type { SavedIdentity } from './folder.ts';

/** A device's own key with the certificate for it. A meter that renews its identity changes both in place. */
export interface IssuedIdentity {
  privateKey: KeyObject;
  /** X.509 DER. */
  certificate: Buffer;
}

interface Identity {
  privateKey: KeyObject;
  certificate?: Buffer;
  /** The key as it is kept, so that it is exported once. */
  pkcs8?: Uint8Array;
}

/** Keys of many devices by name: made here, or as an earlier run left them. */
export class Identities {
  readonly #byName = new Map<string, Identity>();

  constructor(names: readonly string[], saved: Readonly<Record<string, SavedIdentity>> = {}) {
    for (const name of names) {
      const known = saved[name];
      this.#byName.set(name, known === undefined ? { privateKey: newKey() } : restored(known));
    }
  }

  certificate(name: string): Buffer | undefined {
    return this.#get(name).certificate;
  }

  /** The identity itself, not a copy. @throws RangeError when no certificate was issued */
  issued(name: string): IssuedIdentity {
    const identity = this.#get(name);
    if (!hasCertificate(identity)) throw new RangeError(`${name} has no certificate: commission it first`);
    return identity;
  }

  issue(name: string, certificate: Uint8Array): void {
    this.#get(name).certificate = Buffer.from(certificate);
  }

  renew(name: string, privateKey: KeyObject, certificate: Buffer): void {
    const identity = this.#get(name);
    if (identity.privateKey !== privateKey) delete identity.pkcs8;
    Object.assign(identity, { privateKey, certificate });
  }

  /** PKCS #10 DER. @param thing what the certificate will name */
  request(name: string, thing: string): Promise<Buffer> {
    return createCsr(thing, this.#get(name).privateKey);
  }

  save(): Record<string, SavedIdentity> {
    return Object.fromEntries(
      [...this.#byName].map(([name, identity]) => {
        identity.pkcs8 ??= identity.privateKey.export({ type: 'pkcs8', format: 'der' });
        const { pkcs8: key, certificate } = identity;
        return [name, certificate === undefined ? { key } : { key, certificate }];
      }),
    );
  }

  #get(name: string): Identity {
    const identity = this.#byName.get(name);
    if (identity === undefined) throw new RangeError(`${name} is not of this town`);
    return identity;
  }
}

function hasCertificate(identity: Identity): identity is IssuedIdentity {
  return identity.certificate !== undefined;
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

function restored({ key, certificate }: SavedIdentity): Identity {
  const privateKey = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
  return certificate === undefined ? { privateKey } : { privateKey, certificate: Buffer.from(certificate) };
}
