/** What a KMS key is for, and what each principal may do with it: the table the memory key service judges by. */
export type KmsUsage = 'encrypt' | 'agree' | 'sign' | 'mac';
export type KmsAction = 'generateDataKey' | 'encrypt' | 'decrypt' | 'deriveSharedSecret' | 'sign' | 'generateMac' | 'getPublicKey';

export const ACTIONS_OF: Readonly<Record<KmsUsage, readonly KmsAction[]>> = {
  encrypt: ['generateDataKey', 'encrypt', 'decrypt'],
  agree: ['deriveSharedSecret', 'getPublicKey'],
  sign: ['sign', 'getPublicKey'],
  mac: ['generateMac'],
};

export interface KeyPolicy {
  readonly keyId: RegExp;
  readonly usage: KmsUsage;
  readonly allow: Readonly<Record<string, readonly KmsAction[]>>;
}

const PUBLIC: readonly KmsAction[] = ['getPublicKey'];
const EVERYBODY = Object.fromEntries(['ingest', 'keys', 'enrol', 'maintenance', 'auditor', 'operator-cli'].map((who) => [who, PUBLIC]));
const WRAPS: readonly KmsAction[] = ['generateDataKey', 'decrypt'];

export const KEY_POLICIES: readonly KeyPolicy[] = [
  { keyId: /^agreement(-\d+)?$/, usage: 'agree', allow: { ...EVERYBODY, keys: ['deriveSharedSecret', 'getPublicKey'] } },
  { keyId: /^handshake(-\d+)?$/, usage: 'sign', allow: { ...EVERYBODY, keys: ['sign', 'getPublicKey'] } },
  {
    keyId: /^checkpoint$/,
    usage: 'sign',
    allow: { ...EVERYBODY, ingest: ['sign', 'getPublicKey'], maintenance: ['sign', 'getPublicKey'] },
  },
  { keyId: /^shard-kek$/, usage: 'encrypt', allow: { keys: WRAPS, ingest: ['decrypt'] } },
  {
    keyId: /^store-kek$/,
    usage: 'encrypt',
    allow: { ingest: WRAPS, keys: WRAPS, enrol: WRAPS, maintenance: WRAPS, auditor: ['decrypt'], 'operator-cli': ['decrypt'] },
  },
];
