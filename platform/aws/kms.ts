import { createHash } from 'node:crypto';
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import type { JoulekeepError } from '../../events/errors.ts';
import { CA_KEYS, KMS_KEYS, type KmsKey } from '../../topology/keys.ts';
import { keyAlias } from '../../topology/names.ts';
import { rawSignature } from '../kms/der-signature.ts';
import { keyNamed } from '../kms/key-generations.ts';
import { kmsError } from '../kms/kms-errors.ts';
import { peerKey } from '../kms/peer-key.ts';
import type { EncryptionContext, Kms } from '../ports/kms.ts';
import { BoundedCache } from '../store/bounded-cache.ts';
import { KmsGenerations, type KmsParts } from './kms-generations.ts';
import { kmsServiceError } from './service-errors.ts';

/** A public key is asked for again after so long or so many uses; a changed alias then shows. */
const PUBLIC_KEYS = { ageMs: 15 * 60_000, uses: 10_000, capacity: 256 } as const;

/**
 * The key service. Who may do what is in the keys' policies; keys are named by their aliases, so that a rotation needs no new
 * configuration. Data keys are kept by `Keyring`, which bounds their life; here only public halves are.
 */
export class AwsKms implements Kms {
  readonly #parts: KmsParts;
  readonly #specs: ReadonlyMap<string, KmsKey>;
  readonly #generations: KmsGenerations;
  readonly #publicKeys: BoundedCache<Buffer>;

  /** @param keys default: topology/keys.ts */
  constructor(parts: KmsParts & { readonly keys?: readonly KmsKey[] }) {
    this.#parts = parts;
    this.#specs = new Map((parts.keys ?? [...KMS_KEYS, ...CA_KEYS]).map((spec) => [spec.id, spec]));
    this.#generations = new KmsGenerations(parts);
    this.#publicKeys = new BoundedCache(parts.clock, PUBLIC_KEYS);
  }

  async generateDataKey(keyId: string, context: EncryptionContext): Promise<{ plaintext: Buffer; wrapped: Buffer }> {
    const name = await this.#usable(keyId);
    const command = new GenerateDataKeyCommand({ KeyId: name, KeySpec: 'AES_256', EncryptionContext: { ...context } });
    const { Plaintext, CiphertextBlob } = await this.#call('kms.symmetric', () => this.#parts.client.send(command));
    return { plaintext: bytes(Plaintext), wrapped: bytes(CiphertextBlob) };
  }

  async encrypt(keyId: string, plaintext: Buffer, context: EncryptionContext): Promise<Buffer> {
    const name = await this.#usable(keyId);
    const command = new EncryptCommand({ KeyId: name, Plaintext: plaintext, EncryptionContext: { ...context } });
    const { CiphertextBlob } = await this.#call('kms.symmetric', () => this.#parts.client.send(command));
    return bytes(CiphertextBlob);
  }

  async decrypt(keyId: string, wrapped: Buffer, context: EncryptionContext): Promise<Buffer> {
    const name = await this.#usable(keyId);
    const command = new DecryptCommand({ KeyId: name, CiphertextBlob: wrapped, EncryptionContext: { ...context } });
    try {
      const { Plaintext } = await this.#call('kms.symmetric', () => this.#parts.client.send(command));
      return bytes(Plaintext);
    } catch (error) {
      // No ciphertext at all, or more of it than the service ever makes.
      throw (error as JoulekeepError).code === 'ERR_KMS_VALIDATION' ? kmsError('ERR_KMS_INVALID_CIPHERTEXT', error) : error;
    }
  }

  async deriveSharedSecret(keyId: string, peer: Buffer): Promise<Buffer> {
    const name = await this.#usable(keyId);
    peerKey(peer);
    const command = new DeriveSharedSecretCommand({ KeyId: name, KeyAgreementAlgorithm: 'ECDH', PublicKey: peer });
    const { SharedSecret } = await this.#call('kms.asymmetric', () => this.#parts.client.send(command));
    return bytes(SharedSecret);
  }

  async sign(keyId: string, message: Buffer): Promise<Buffer> {
    const name = await this.#usable(keyId);
    // The digest and not the message: the service takes 4 KB of a message, and need not see any of it.
    const digest = createHash('sha256').update(message).digest();
    const command = new SignCommand({ KeyId: name, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' });
    const { Signature } = await this.#call('kms.asymmetric', () => this.#parts.client.send(command));
    return rawSignature(bytes(Signature));
  }

  async generateMac(keyId: string, message: Buffer): Promise<Buffer> {
    const name = await this.#usable(keyId);
    const command = new GenerateMacCommand({ KeyId: name, Message: message, MacAlgorithm: 'HMAC_SHA_256' });
    const { Mac } = await this.#call('kms.symmetric', () => this.#parts.client.send(command));
    return bytes(Mac);
  }

  /** Public halves of all generations, also of those that no longer work. */
  async getPublicKey(keyId: string): Promise<Buffer> {
    const { spec, generation } = keyNamed(this.#specs, keyId);
    const name = keyAlias(this.#parts.stage, spec.id, generation);
    const ask = async () => {
      const command = new GetPublicKeyCommand({ KeyId: name });
      const { PublicKey } = await this.#call('kms.asymmetric', () => this.#parts.client.send(command));
      return bytes(PublicKey);
    };
    return Buffer.from(await this.#publicKeys.get(name, ask));
  }

  /** Alias of a key that may be used now. @throws ERR_KMS_NOT_FOUND, ERR_KMS_DISABLED for a generation past its overlap */
  async #usable(keyId: string): Promise<string> {
    const { spec, generation } = keyNamed(this.#specs, keyId);
    if (generation !== undefined && !(await this.#generations.accepts(spec, generation))) throw kmsError('ERR_KMS_DISABLED');
    return keyAlias(this.#parts.stage, spec.id, generation);
  }

  async #call<Answer>(kind: 'kms.symmetric' | 'kms.asymmetric', call: () => Promise<Answer>): Promise<Answer> {
    this.#parts.operations.count(kind);
    try {
      return await call();
    } catch (error) {
      throw kmsServiceError(error);
    }
  }
}

function bytes(given: Uint8Array | undefined): Buffer {
  if (given === undefined) throw kmsError('ERR_KMS_VALIDATION');
  return Buffer.from(given.buffer, given.byteOffset, given.byteLength);
}
