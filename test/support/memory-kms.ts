import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { JoulekeepError } from '../../events/index.ts';
import type { EncryptionContext, Kms } from '../../platform/ports/kms.ts';
import { type KeyUsage, KMS_KEYS, type KmsOperation, OPERATIONS_OF } from '../../topology/keys.ts';
import type { Principal } from '../../topology/principals.ts';

type KeyMaterial = { readonly usage: KeyUsage; readonly secret: Buffer } | { readonly usage: KeyUsage; readonly pair: KeyObject };

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A key service in memory: real cryptography, real principal policies, and a count of the calls per key. */
export class MemoryKms {
  /** `<principal> <action> <keyId>` of every call that was let through. */
  readonly calls: string[] = [];
  readonly #keys = new Map<string, KeyMaterial>();
  readonly #policies: boolean;

  constructor(options: { keyPolicies?: boolean } = {}) {
    this.#policies = options.keyPolicies ?? true;
  }

  /** The service as one principal sees it. @throws ERR_KMS_ACCESS_DENIED from every call its key's policy does not allow */
  as(principal: string): Kms {
    const use = (action: KmsOperation, keyId: string): KeyMaterial => this.#use(principal, action, keyId);
    return {
      async generateDataKey(keyId, context) {
        const key = secretOf(use('generateDataKey', keyId));
        const plaintext = randomBytes(32);
        return { plaintext, wrapped: seal(key, plaintext, context) };
      },
      encrypt: async (keyId, plaintext, context) => seal(secretOf(use('encrypt', keyId)), plaintext, context),
      decrypt: async (keyId, wrapped, context) => open(secretOf(use('decrypt', keyId)), wrapped, context),
      deriveSharedSecret: async (keyId, peer) => agree(privateOf(use('deriveSharedSecret', keyId)), peer),
      sign: async (keyId, message) => signLowS(privateOf(use('sign', keyId)), message),
      generateMac: async (keyId, message) =>
        createHmac('sha256', secretOf(use('generateMac', keyId)))
          .update(message)
          .digest(),
      getPublicKey: async (keyId) =>
        createPublicKey(privateOf(use('getPublicKey', keyId))).export({
          format: 'der',
          type: 'spki',
        }),
    };
  }

  /** Calls let through so far, of one action if given. */
  count(action?: KmsOperation): number {
    return action === undefined ? this.calls.length : this.calls.filter((call) => call.split(' ')[1] === action).length;
  }

  #use(principal: string, operation: KmsOperation, keyId: string): KeyMaterial {
    const spec = KMS_KEYS.find(({ id }) => keyId.replace(/-\d+$/, '') === id);
    if (spec === undefined) throw new JoulekeepError('ERR_KMS_NOT_FOUND', `no key ${keyId}`);
    const allowed = spec.allow[principal as Principal]?.includes(operation) ?? false;
    if (this.#policies && !allowed) throw new JoulekeepError('ERR_KMS_ACCESS_DENIED', `${principal} may not ${operation} ${keyId}`);
    if (!OPERATIONS_OF[spec.usage].includes(operation))
      throw new JoulekeepError('ERR_KMS_INVALID_KEY_USAGE', `${keyId} is for ${spec.usage}`);
    this.calls.push(`${principal} ${operation} ${keyId}`);
    const known = this.#keys.get(keyId) ?? material(spec.usage);
    this.#keys.set(keyId, known);
    return known;
  }
}

function material(usage: KeyUsage): KeyMaterial {
  if (usage === 'encrypt-decrypt' || usage === 'mac') return { usage, secret: randomBytes(32) };
  return { usage, pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey };
}

function secretOf(key: KeyMaterial): Buffer {
  if (!('secret' in key)) throw new JoulekeepError('ERR_KMS_INVALID_KEY_USAGE', key.usage);
  return key.secret;
}

function privateOf(key: KeyMaterial): KeyObject {
  if (!('pair' in key)) throw new JoulekeepError('ERR_KMS_INVALID_KEY_USAGE', key.usage);
  return key.pair;
}

function aad(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function seal(key: Buffer, plaintext: Buffer, context: EncryptionContext): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(aad(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, wrapped: Buffer, context: EncryptionContext): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12), { authTagLength: 16 }).setAAD(aad(context));
    decipher.setAuthTag(wrapped.subarray(-16));
    return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
  } catch (cause) {
    throw new JoulekeepError('ERR_KMS_INVALID_CIPHERTEXT', 'does not open', { cause });
  }
}

function agree(privateKey: KeyObject, peer: Buffer): Buffer {
  return diffieHellman({ privateKey, publicKey: createPublicKey({ key: peer, format: 'der', type: 'spki' }) });
}

function signLowS(key: KeyObject, message: Buffer): Buffer {
  const signature = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  if (s > ORDER / 2n) Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex').copy(signature, 32);
  return signature;
}
