/**
 * The key service, with the semantics and the error names of AWS KMS. Private keys never leave it.
 * Every call is made as the principal the platform was made for; a principal the key's policy does not
 * name is refused with ERR_KMS_ACCESS_DENIED before anything else is looked at.
 */
export interface Kms {
  generateDataKey(keyId: string, context: EncryptionContext): Promise<{ plaintext: Buffer; wrapped: Buffer }>;
  encrypt(keyId: string, plaintext: Buffer, context: EncryptionContext): Promise<Buffer>;
  /** @throws ERR_KMS_INVALID_CIPHERTEXT on tampered text or another context */
  decrypt(keyId: string, wrapped: Buffer, context: EncryptionContext): Promise<Buffer>;
  /** ECDH with the key's private half. @param peer SPKI DER of a P-256 key @returns 32 bytes, the x coordinate */
  deriveSharedSecret(keyId: string, peer: Buffer): Promise<Buffer>;
  /** ECDSA P-256 with SHA-256. @returns r || s, 64 bytes, low S */
  sign(keyId: string, message: Buffer): Promise<Buffer>;
  generateMac(keyId: string, message: Buffer): Promise<Buffer>;
  /** SPKI DER. */
  getPublicKey(keyId: string): Promise<Buffer>;
}

export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * What the clock demands of the key service: the part of its administration that a schedule needs. AWS KMS deletes what is due by
 * itself, and rotates symmetric keys; a new generation of an asymmetric key is a new key there.
 */
export interface KeyClockwork {
  /** Adds a generation to every key whose rotation is due by topology/keys.ts. @returns their ids */
  rotateDue(): Promise<readonly string[]>;
  /** Removes for good what was scheduled for deletion and is due. @returns ids of the keys that are gone */
  purgeDue(): Promise<readonly string[]>;
  /** Keys of the service, and those that its storage lies under, that are scheduled for deletion or gone while something may still need them. @returns their ids, generations by their own */
  ending(): Promise<readonly string[]>;
  /** The generation in use, by its own id such as `agreement-2`, and when it was made, UTC ms. @throws ERR_KMS_NOT_FOUND */
  newestGeneration(id: string): Promise<{ readonly id: string; readonly createdAt: number }>;
}
