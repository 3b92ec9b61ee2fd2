import { type DomainEvent, JoulekeepError, type RecipientEvent, type SealingKeySet, type WebhookSet } from '../../events/index.ts';

/** What stream `recipient/<id>` says of a third party. */
export type RecipientState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'suspended';
      readonly recipientId: string;
      readonly name: string;
      readonly redirectUris: readonly string[];
      /** Fingerprints of certificates that may speak for it. */
      readonly certificates: readonly string[];
      readonly endpoint: Omit<WebhookSet, 'at'> | undefined;
      /** SubjectPublicKeyInfo of its key for files, DER in base64. */
      readonly sealingKey?: string;
    };

export type KnownRecipient = Exclude<RecipientState, { status: 'unknown' }>;

export type RecipientCommand =
  | {
      readonly type: 'RegisterRecipient';
      readonly recipientId: string;
      readonly name: string;
      readonly redirectUris: readonly string[];
      readonly at: number;
    }
  | { readonly type: 'AddCertificate'; readonly fingerprint: string; readonly at: number }
  | { readonly type: 'WithdrawCertificate'; readonly fingerprint: string; readonly at: number }
  | ({ readonly type: 'SetWebhook' } & WebhookSet)
  | ({ readonly type: 'SetSealingKey' } & SealingKeySet)
  | { readonly type: 'SuspendRecipient'; readonly reason: string; readonly at: number }
  | { readonly type: 'ResumeRecipient'; readonly at: number };

const RECIPIENT_ID = /^[a-z0-9][a-z0-9-]{2,62}$/;
/** An https address with a host, no user, no fragment. */
const ADDRESS = /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s#@\\]*)?$/;
/** An uncompressed point on P-256, behind the header that says so; whoever offers it checks that it is one. @source RFC 5480 2 */
const SPKI = /^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==$/;
const NAME_LENGTH = 80;
const MOST_ADDRESSES = 10;
const MOST_CERTIFICATES = 10;
const UNKNOWN: RecipientState = { status: 'unknown' };

/**
 * Decider of stream `recipient/<id>`. `[]` means already done.
 * @throws ERR_RECIPIENT_INVALID, ERR_RECIPIENT_TAKEN, ERR_RECIPIENT_UNKNOWN
 */
export const recipient = { initial: UNKNOWN, decide: decideRecipient, evolve: evolveRecipient };

function decideRecipient(command: RecipientCommand, state: RecipientState): readonly RecipientEvent[] {
  if (command.type === 'RegisterRecipient') return register(command, state);
  if (state.status === 'unknown') throw new JoulekeepError('ERR_RECIPIENT_UNKNOWN', 'there is no such recipient');
  switch (command.type) {
    case 'AddCertificate': {
      const { fingerprint, at } = command;
      if (!/^[0-9a-f]{64}$/.test(fingerprint)) throw invalid('a certificate is named by its SHA-256 in hex');
      if (state.certificates.includes(fingerprint)) return [];
      if (state.certificates.length === MOST_CERTIFICATES) throw invalid(`a recipient has at most ${MOST_CERTIFICATES} certificates`);
      return [{ type: 'CertificateAdded', data: { fingerprint, at } }];
    }
    case 'WithdrawCertificate': {
      const { fingerprint, at } = command;
      return state.certificates.includes(fingerprint) ? [{ type: 'CertificateWithdrawn', data: { fingerprint, at } }] : [];
    }
    case 'SetWebhook': {
      const { type: _, ...set } = command;
      const { url, types, ca } = set;
      if (!ADDRESS.test(url)) throw invalid('an endpoint is an https address without user or fragment');
      const { endpoint } = state;
      const isSame = endpoint?.url === url && endpoint.ca === ca && endpoint.types.join() === types.join();
      return isSame ? [] : [{ type: 'WebhookSet', data: set }];
    }
    case 'SetSealingKey': {
      const { spki, at } = command;
      if (!SPKI.test(spki)) throw invalid('files are sealed to a public key on P-256');
      return state.sealingKey === spki ? [] : [{ type: 'SealingKeySet', data: { spki, at } }];
    }
    case 'SuspendRecipient':
      return state.status === 'active' ? [{ type: 'RecipientSuspended', data: { reason: command.reason, at: command.at } }] : [];
    case 'ResumeRecipient':
      return state.status === 'suspended' ? [{ type: 'RecipientResumed', data: { at: command.at } }] : [];
    default:
      return never(command);
  }
}

function register({ type: _, ...data }: RecipientCommand & { type: 'RegisterRecipient' }, state: RecipientState): RecipientEvent[] {
  const { recipientId, name, redirectUris } = data;
  if (!RECIPIENT_ID.test(recipientId)) throw invalid('a recipient id has 3 to 63 of a-z, 0-9 and dash');
  if (name.trim() === '' || name.length > NAME_LENGTH || /\p{Cc}/u.test(name)) throw invalid(`a name has 1 to ${NAME_LENGTH} characters`);
  if (redirectUris.length === 0 || redirectUris.length > MOST_ADDRESSES || !redirectUris.every((uri) => ADDRESS.test(uri)))
    throw invalid(`a recipient has 1 to ${MOST_ADDRESSES} redirect addresses: https, without user or fragment`);
  if (state.status === 'unknown') return [{ type: 'RecipientRegistered', data }];
  if (state.name === name && state.redirectUris.join() === redirectUris.join()) return [];
  throw new JoulekeepError('ERR_RECIPIENT_TAKEN', `${recipientId}: is registered with another name or other addresses`);
}

function evolveRecipient(state: RecipientState, event: DomainEvent): RecipientState {
  if (event.type === 'RecipientRegistered') {
    const { at: _, ...registered } = event.data;
    return { status: 'active', certificates: [], endpoint: undefined, ...registered };
  }
  if (state.status === 'unknown') return state;
  switch (event.type) {
    case 'CertificateAdded':
      return { ...state, certificates: [...state.certificates, event.data.fingerprint] };
    case 'CertificateWithdrawn':
      return { ...state, certificates: state.certificates.filter((one) => one !== event.data.fingerprint) };
    case 'WebhookSet': {
      const { at: _, ...endpoint } = event.data;
      return { ...state, endpoint };
    }
    case 'SealingKeySet':
      return { ...state, sealingKey: event.data.spki };
    case 'RecipientSuspended':
      return { ...state, status: 'suspended' };
    case 'RecipientResumed':
      return { ...state, status: 'active' };
    default:
      return state;
  }
}

function invalid(message: string): JoulekeepError {
  return new JoulekeepError('ERR_RECIPIENT_INVALID', message);
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
