import {
  createHmac,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { open, seal } from '../../../../platform/embedded/kms/blob.ts';
import type { Clock } from '../../../../platform/ports/platform.ts';
import { type Answers, fakeClient, fault } from './fake-client.ts';
import { derOf, signDigest } from './sign-digest.ts';

interface FakeKey {
  readonly id: string;
  readonly usage: string;
  readonly policy: string;
  readonly tags: readonly { readonly TagKey: string; readonly TagValue: string }[];
  readonly createdAt: number;
  /** Newest last. */
  readonly materials: KeyObject[];
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  deletionAt: number;
}

interface Named {
  readonly KeyId: string;
}
type Context = Readonly<Record<string, string>> | undefined;

const DAY_MS = 86_400_000;
const ID_BYTES = 36;

/** AWS KMS as its client sees it: real cryptography, its own error names, aliases, states and forms of answers. */
export class FakeKms {
  /** Name of each command that came. */
  readonly calls: string[] = [];
  readonly keys = new Map<string, FakeKey>();
  readonly aliases = new Map<string, string>();
  readonly #clock: Clock;
  readonly #answers: Answers;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#answers = { ...this.#administration(), ...this.#cryptography() };
  }

  get client(): KMSClient {
    return fakeClient<KMSClient>(this.#answers, this.calls);
  }

  /** As a principal that no key policy names. */
  get strangersClient(): KMSClient {
    const denied = () => {
      throw fault('AccessDeniedException');
    };
    return fakeClient<KMSClient>(Object.fromEntries(Object.keys(this.#answers).map((name) => [name, denied])));
  }

  #administration(): Answers {
    return {
      CreateKey: ({
        KeyUsage = 'ENCRYPT_DECRYPT',
        Policy = '',
        Tags = [],
      }: {
        KeyUsage?: string;
        Policy?: string;
        Tags?: FakeKey['tags'];
      }) => {
        const key = {
          id: randomUUID(),
          usage: KeyUsage,
          policy: Policy,
          tags: Tags,
          createdAt: this.#clock.now(),
          materials: [material(KeyUsage)],
        };
        this.keys.set(key.id, { ...key, state: 'Enabled', deletionAt: Number.POSITIVE_INFINITY });
        return { KeyMetadata: { KeyId: key.id } };
      },
      CreateAlias: ({ AliasName, TargetKeyId }: { AliasName: string; TargetKeyId: string }) => {
        if (this.aliases.has(AliasName)) throw fault('AlreadyExistsException');
        this.aliases.set(AliasName, TargetKeyId);
      },
      UpdateAlias: ({ AliasName, TargetKeyId }: { AliasName: string; TargetKeyId: string }) => {
        if (!this.aliases.has(AliasName)) throw fault('NotFoundException');
        this.aliases.set(AliasName, TargetKeyId);
      },
      DescribeKey: ({ KeyId }: Named) => {
        const { id, createdAt, state } = this.#find(KeyId);
        return { KeyMetadata: { KeyId: id, CreationDate: new Date(createdAt), Enabled: state === 'Enabled', KeyState: state } };
      },
      GetKeyPolicy: ({ KeyId }: Named) => ({ Policy: this.#find(KeyId).policy }),
      RotateKeyOnDemand: ({ KeyId }: Named) => void this.#find(KeyId).materials.push(material('ENCRYPT_DECRYPT')),
      EnableKey: ({ KeyId }: Named) => Object.assign(this.#notPending(KeyId), { state: 'Enabled' }),
      DisableKey: ({ KeyId }: Named) => Object.assign(this.#notPending(KeyId), { state: 'Disabled' }),
      ScheduleKeyDeletion: ({ KeyId, PendingWindowInDays: days }: Named & { PendingWindowInDays: number }) => {
        if (days < 7 || days > 30) throw fault('ValidationException');
        Object.assign(this.#notPending(KeyId), { state: 'PendingDeletion', deletionAt: this.#clock.now() + days * DAY_MS });
      },
      CancelKeyDeletion: ({ KeyId }: Named) => {
        const key = this.#find(KeyId);
        if (key.state !== 'PendingDeletion') throw fault('KMSInvalidStateException');
        Object.assign(key, { state: 'Disabled', deletionAt: Number.POSITIVE_INFINITY });
      },
    };
  }

  #cryptography(): Answers {
    return {
      GenerateDataKey: ({ KeyId, EncryptionContext }: Named & { EncryptionContext: Context }) => {
        const Plaintext = randomBytes(32);
        return { Plaintext, CiphertextBlob: wrap(this.#use(KeyId, 'ENCRYPT_DECRYPT'), Plaintext, EncryptionContext) };
      },
      Encrypt: ({ KeyId, Plaintext, EncryptionContext }: Named & { Plaintext: Buffer; EncryptionContext: Context }) => {
        if (Plaintext.length > 4096) throw fault('ValidationException');
        return { CiphertextBlob: wrap(this.#use(KeyId, 'ENCRYPT_DECRYPT'), Plaintext, EncryptionContext) };
      },
      Decrypt: ({ KeyId, CiphertextBlob, EncryptionContext }: Named & { CiphertextBlob: Buffer; EncryptionContext: Context }) => {
        const key = this.#use(KeyId, 'ENCRYPT_DECRYPT');
        if (CiphertextBlob.length === 0) throw fault('ValidationException');
        const named = this.keys.get(CiphertextBlob.toString('latin1', 0, ID_BYTES));
        if (named !== undefined && named !== key) throw fault('IncorrectKeyException');
        return { Plaintext: unwrap(key, CiphertextBlob, EncryptionContext) };
      },
      Sign: ({ KeyId, Message, MessageType }: Named & { Message: Buffer; MessageType: string }) => {
        const { materials } = this.#use(KeyId, 'SIGN_VERIFY');
        if (MessageType !== 'DIGEST' || Message.length !== 32) throw fault('ValidationException');
        return { Signature: derOf(...signDigest(materials[0]!, Message)) };
      },
      GenerateMac: ({ KeyId, Message }: Named & { Message: Buffer }) => {
        const { materials } = this.#use(KeyId, 'GENERATE_VERIFY_MAC');
        return { Mac: createHmac('sha256', materials[0]!).update(Message).digest() };
      },
      DeriveSharedSecret: ({ KeyId, PublicKey }: Named & { PublicKey: Buffer }) => {
        const { materials } = this.#use(KeyId, 'KEY_AGREEMENT');
        const publicKey = createPublicKey({ key: PublicKey, format: 'der', type: 'spki' });
        return { SharedSecret: diffieHellman({ privateKey: materials[0]!, publicKey }) };
      },
      GetPublicKey: ({ KeyId }: Named) => ({
        PublicKey: createPublicKey(this.#find(KeyId).materials[0]!).export({ format: 'der', type: 'spki' }),
      }),
    };
  }

  #find(name: string): FakeKey {
    const key = this.keys.get(this.aliases.get(name) ?? name);
    if (key === undefined || this.#clock.now() >= key.deletionAt) throw fault('NotFoundException');
    return key;
  }

  #notPending(name: string): FakeKey {
    const key = this.#find(name);
    if (key.state === 'PendingDeletion') throw fault('KMSInvalidStateException');
    return key;
  }

  #use(name: string, usage: string): FakeKey {
    const key = this.#notPending(name);
    if (key.state === 'Disabled') throw fault('DisabledException');
    if (key.usage !== usage) throw fault('InvalidKeyUsageException');
    return key;
  }
}

function material(usage: string): KeyObject {
  const symmetric = usage === 'ENCRYPT_DECRYPT' || usage === 'GENERATE_VERIFY_MAC';
  return symmetric ? createSecretKey(randomBytes(32)) : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** Key id, number of the material, then what is sealed. */
function wrap({ id, materials }: FakeKey, plaintext: Buffer, context: Context): Buffer {
  const header = Buffer.concat([Buffer.from(id, 'latin1'), Buffer.from([materials.length - 1])]);
  return Buffer.concat([header, seal(materials.at(-1)!, plaintext, bound(header, context))]);
}

function unwrap({ materials }: FakeKey, blob: Buffer, context: Context): Buffer {
  const header = blob.subarray(0, ID_BYTES + 1);
  const key = materials[blob[ID_BYTES] ?? materials.length];
  if (key === undefined || blob.length < ID_BYTES + 29) throw fault('InvalidCiphertextException');
  try {
    return open(key, blob.subarray(ID_BYTES + 1), bound(header, context));
  } catch {
    throw fault('InvalidCiphertextException');
  }
}

function bound(header: Buffer, context: Context): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))))]);
}
