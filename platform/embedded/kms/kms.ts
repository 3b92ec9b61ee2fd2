import { createHmac, createPublicKey, diffieHellman, type KeyObject, randomBytes, sign } from 'node:crypto';
import { JoulekeepError } from '../../../events/errors.ts';
import type { Defences } from '../../../topology/defences.ts';
import { KMS_KEYS, type KmsKey, type KmsOperation, OPERATIONS_OF } from '../../../topology/keys.ts';
import { permits } from '../../../topology/principals.ts';
import { keyNamed } from '../../kms/key-generations.ts';
import { kmsError } from '../../kms/kms-errors.ts';
import { lowS } from '../../kms/low-s.ts';
import { peerKey } from '../../kms/peer-key.ts';
import type { EncryptionContext, Kms } from '../../ports/kms.ts';
import type { KmsCall } from '../../ports/kms-record.ts';
import type { Clock } from '../../ports/platform.ts';
import { KmsAdmin } from './admin.ts';
import { openBlob, parseBlob, sealBlob } from './blob.ts';
import { recordOf, SoftwareKmsRecord } from './record.ts';
import { KeyVault, type StoredKey } from './vault.ts';

export interface SoftwareKmsParts {
  readonly path: string;
  /** File of 32 bytes, mode 0600; made when there is none. */
  readonly rootKeyPath: string;
  readonly clock: Clock;
  readonly defences: Pick<Defences, 'keyPolicies'>;
  /** Default: topology/keys.ts. */
  readonly keys?: readonly KmsKey[];
  /** Folder of its record; default `kms-record` beside `path`. */
  readonly recordPath?: string;
  /** Hears of every call after its end. */
  readonly onCall?: (call: KmsCall) => void;
}

interface UsableKey {
  readonly spec: KmsKey;
  readonly stored: StoredKey;
  readonly generation: number;
  readonly material: KeyObject;
}

/** Largest plaintext of `encrypt`, bytes, as in AWS KMS. */
const PLAINTEXT_LIMIT = 4096;

/**
 * The key service in software. A key id names its newest generation; `agreement-1` names one generation of an asymmetric key.
 * @source X.1332 10.1 (keys generated, agreed, stored, refreshed)
 */
export class SoftwareKms {
  readonly admin: KmsAdmin;
  /** What it did, by its own record; no function is given it but the one that holds others against it. */
  readonly record: SoftwareKmsRecord;
  readonly #vault: KeyVault;
  readonly #parts: SoftwareKmsParts;
  readonly #specs: ReadonlyMap<string, KmsKey>;

  constructor(parts: SoftwareKmsParts) {
    this.#parts = parts;
    this.#specs = new Map((parts.keys ?? KMS_KEYS).map((spec) => [spec.id, spec]));
    this.#vault = new KeyVault(parts.path, parts.rootKeyPath);
    this.admin = new KmsAdmin(this.#vault, this.#specs, parts.clock);
    this.record = new SoftwareKmsRecord(parts.recordPath ?? recordOf(parts.path), this.#vault.recordKey(), parts.clock);
  }

  /** The key service as one principal may use it. Nothing is answered, or refused, before it is on record. */
  as(principal: string): Kms {
    type Run<T> = (key: UsableKey) => T;
    const call = async <T>(operation: KmsOperation, keyId: string, run: Run<T>, context?: EncryptionContext): Promise<T> => {
      const asked = { at: this.#parts.clock.now(), principal, operation, keyId, ...(context === undefined ? {} : { context }) };
      let result: T;
      try {
        result = run(this.#use(principal, operation, keyId));
      } catch (error) {
        await this.#note({ ...asked, outcome: error instanceof JoulekeepError ? error.code : 'fault' });
        throw error;
      }
      await this.#note({ ...asked, outcome: 'ok' });
      return result;
    };
    return {
      generateDataKey: (keyId, context) => call('generateDataKey', keyId, (key) => dataKey(key, context), context),
      encrypt: (keyId, plaintext, context) => call('encrypt', keyId, (key) => encrypt(key, plaintext, context), context),
      decrypt: (keyId, wrapped, context) => call('decrypt', keyId, (key) => this.#decrypt(key, wrapped, context), context),
      deriveSharedSecret: (keyId, peer) => call('deriveSharedSecret', keyId, (key) => agree(key, peer)),
      sign: (keyId, message) =>
        call('sign', keyId, ({ material }) => lowS(sign('sha256', message, { key: material, dsaEncoding: 'ieee-p1363' }))),
      generateMac: (keyId, message) =>
        call('generateMac', keyId, ({ material }) => createHmac('sha256', material).update(message).digest()),
      getPublicKey: (keyId) =>
        call('getPublicKey', keyId, ({ material }) => createPublicKey(material).export({ format: 'der', type: 'spki' })),
    };
  }

  close(): void {
    this.record.close();
    this.#vault.close();
  }

  async #note(call: KmsCall): Promise<void> {
    await this.record.note(call);
    this.#parts.onCall?.(call);
  }

  /** Policy first: who is not named learns nothing about the key. */
  #use(principal: string, operation: KmsOperation, keyId: string): UsableKey {
    const { spec, generation } = keyNamed(this.#specs, keyId);
    if (this.#parts.defences.keyPolicies && !permits(spec.allow, principal, operation)) throw kmsError('ERR_KMS_ACCESS_DENIED');
    if (!OPERATIONS_OF[spec.usage].includes(operation)) throw kmsError('ERR_KMS_INVALID_KEY_USAGE');
    const stored = this.admin.live(spec.id);
    if (stored.deletionAt !== undefined) throw kmsError('ERR_KMS_INVALID_STATE');
    if (!stored.enabled) throw kmsError('ERR_KMS_DISABLED');
    const number = generation ?? this.#vault.generations(spec.id).at(-1)!.generation;
    if (operation !== 'getPublicKey' && !this.admin.accepts(spec, number)) throw kmsError('ERR_KMS_DISABLED');
    const material = this.#vault.material(stored, number);
    if (material === undefined) throw kmsError('ERR_KMS_NOT_FOUND');
    return { spec, stored, generation: number, material };
  }

  #decrypt({ spec, stored }: UsableKey, wrapped: Buffer, context: EncryptionContext): Buffer {
    const blob = parseBlob(wrapped);
    if (blob.keyId !== spec.id) throw kmsError('ERR_KMS_INCORRECT_KEY');
    const material = this.#vault.material(stored, blob.generation);
    if (material === undefined) throw kmsError('ERR_KMS_INVALID_CIPHERTEXT');
    return openBlob(blob, material, context);
  }
}

function dataKey(key: UsableKey, context: EncryptionContext): { plaintext: Buffer; wrapped: Buffer } {
  const plaintext = randomBytes(32);
  return { plaintext, wrapped: encrypt(key, plaintext, context) };
}

function encrypt({ spec, generation, material }: UsableKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  if (plaintext.length > PLAINTEXT_LIMIT) throw kmsError('ERR_KMS_VALIDATION');
  return sealBlob({ keyId: spec.id, generation }, material, plaintext, context);
}

function agree({ material }: UsableKey, peer: Buffer): Buffer {
  return diffieHellman({ privateKey: material, publicKey: peerKey(peer) });
}
