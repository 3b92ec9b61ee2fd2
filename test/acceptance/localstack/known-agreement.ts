import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { CreateKeyCommand, type KMSClient, UpdateAliasCommand } from '@aws-sdk/client-kms';
import type { Kms } from '../../../platform/ports/kms.ts';
import { keyAlias } from '../../../topology/names.ts';

const NOTHING = Buffer.alloc(0);

/**
 * LocalStack's one deviation, undone: its DeriveSharedSecret returns HKDF-SHA-256, without salt and info, of the shared secret where
 * AWS returns the secret itself, and there is no way back from that. So the stage's agreement key becomes one whose private half is known
 * here: what the service answers is checked against it, and the secret goes on in its place.
 */
export class KnownAgreement {
  readonly #privateKey: KeyObject;

  private constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
  }

  /** Puts a key in the place of the stage's first generation. */
  static async install(client: KMSClient, stage: string): Promise<KnownAgreement> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // LocalStack's own way of handing in key material.
    const material = { TagKey: '_custom_key_material_', TagValue: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') };
    const kind = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' } as const;
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ ...kind, Tags: [material] }));
    const TargetKeyId = KeyMetadata!.KeyId!;
    for (const AliasName of [keyAlias(stage, 'agreement'), keyAlias(stage, 'agreement', 1)])
      await client.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
    return new KnownAgreement(privateKey);
  }

  /** The same key service, whose shared secrets are those of AWS. */
  correct(kms: Kms): Kms {
    return {
      generateDataKey: (keyId, context) => kms.generateDataKey(keyId, context),
      encrypt: (keyId, plaintext, context) => kms.encrypt(keyId, plaintext, context),
      decrypt: (keyId, wrapped, context) => kms.decrypt(keyId, wrapped, context),
      sign: (keyId, message) => kms.sign(keyId, message),
      generateMac: (keyId, message) => kms.generateMac(keyId, message),
      getPublicKey: (keyId) => kms.getPublicKey(keyId),
      deriveSharedSecret: async (keyId, peer) => this.#undone(await kms.deriveSharedSecret(keyId, peer), peer),
    };
  }

  #undone(answer: Buffer, peer: Buffer): Buffer {
    const publicKey = createPublicKey({ key: peer, format: 'der', type: 'spki' });
    const secret = diffieHellman({ privateKey: this.#privateKey, publicKey });
    const derived = Buffer.from(hkdfSync('sha256', secret, NOTHING, NOTHING, 32));
    if (!answer.equals(derived))
      throw new Error('DeriveSharedSecret is not HKDF-SHA-256 of the shared secret any more: look at the deviation again');
    return secret;
  }
}
