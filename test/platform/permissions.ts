import { PRINCIPALS } from '../../topology/principals.ts';

/** Functions that judge sessions. */
const JUDGES = ['editing', 'billing', 'console-api', 'auditor', 'account-api', 'usage-api', 'authorization'];

/** Every permission on keys there is, written down a second time. Who is not here is denied. */
export const KMS_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  cursor: [
    'editing generateMac',
    'console-api generateMac',
    'auditor generateMac',
    'third-party-api generateMac',
    'account-api generateMac',
  ],
  token: ['authorization generateMac'],
  pseudonym: ['third-party-api generateMac', 'third-party-feed generateMac'],
  'third-party-feed': [
    ...['third-party-api', 'third-party-feed'].flatMap((principal) => [`${principal} sign`, `${principal} getPublicKey`]),
    ...['auditor getPublicKey', 'operator-cli getPublicKey'],
  ],
  'billing-feed': ['billing-api sign', ...['billing-api', 'deliver', 'operator-cli'].map((principal) => `${principal} getPublicKey`)],
  webhook: ['deliver sign', 'deliver getPublicKey', 'third-party-api getPublicKey', 'operator-cli getPublicKey'],
  'operator-feed': ['ems sign', ...['ems', 'operator-api', 'auditor', 'operator-cli'].map((principal) => `${principal} getPublicKey`)],
  application: ['publisher sign', 'publisher getPublicKey'],
  agreement: ['keys deriveSharedSecret', 'keys getPublicKey', 'operator-cli getPublicKey'],
  handshake: ['keys sign', 'keys getPublicKey', 'operator-cli getPublicKey'],
  checkpoint: [
    ...['ingest', 'maintenance', 'log'].flatMap((principal) => [`${principal} sign`, `${principal} getPublicKey`]),
    'operator-cli getPublicKey',
    'operator-api getPublicKey',
    'archive getPublicKey',
    'auditor getPublicKey',
    'log-check getPublicKey',
  ],
  tariff: ['prices sign', 'prices getPublicKey', 'operator-cli getPublicKey'],
  price: ['prices sign', 'prices getPublicKey', 'operator-cli getPublicKey'],
  'demand-response': ['prices sign', 'prices getPublicKey', 'operator-cli getPublicKey'],
  retention: [
    ...PRINCIPALS.filter((principal) => !['sandbox', 'publisher'].includes(principal)).map((principal) => `${principal} getPublicKey`),
    'archive sign',
  ],
  'shard-kek': ['keys generateDataKey', 'keys decrypt', 'ingest decrypt'],
  'store-kek': [
    ...sealing('ingest', 'keys', 'enrol', 'maintenance', 'close-day', 'editing', 'billing', 'project', 'relay', 'archive', 'export'),
    ...sealing('consent', 'third-party-api', 'third-party-feed', 'account-api'),
    ...sealing('prices', 'reconcile', 'session'),
    ...sealing('billing-api', 'deliver', 'ems', 'forecast', 'deidentify'),
    'operator-api decrypt',
    'price-api decrypt',
    ...sealing('authorization', 'usage-api', 'console-api', 'erasure'),
    'auditor decrypt',
  ],
  'subject-kek': [
    ...sealing('close-day', 'editing', 'billing', 'archive', 'project'),
    'relay decrypt',
    'export decrypt',
    'auditor decrypt',
    'third-party-api decrypt',
    'usage-api decrypt',
    'billing-api decrypt',
    'deliver decrypt',
    'account-api decrypt',
  ],
};

const READERS = ['close-day', 'project', 'relay', 'archive', 'auditor'];
/** The same of rows of the key table. */
export const TABLE_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  'epoch/': ['keys get', 'keys list', 'keys put', 'keys destroy', 'ingest get', 'ingest list', 'maintenance list', 'maintenance destroy'],
  'shard/': ['keys get', 'keys list', 'keys put', 'ingest get', 'ingest list', 'maintenance list', 'maintenance destroy'],
  'segment/': [...streamRows(), ...reading('close-day', 'project', 'archive', 'usage-api'), 'archive destroy'],
  'stream-class/access/': [
    ...writing('close-day', 'editing', 'billing', 'project', 'relay', 'archive', 'export', 'maintenance'),
    ...writing('third-party-api', 'billing-api', 'deliver', 'usage-api', 'account-api'),
    ...reading('auditor', 'reconcile'),
    'maintenance destroy',
  ],
  'sign-in/': [...writing('session'), ...reading('auditor'), ...['archive', 'erasure'].flatMap((who) => [`${who} list`, `${who} destroy`])],
  'stream-class/audit/': [...writing('reconcile', 'maintenance'), ...reading('project', 'auditor'), 'maintenance destroy'],
  'stream-class/verification/': [...writing('console-api', 'maintenance'), ...reading('reconcile', 'auditor'), 'maintenance destroy'],
  'stream-class/tariff/': [
    ...writing('billing', 'maintenance'),
    ...reading('editing', 'prices', 'usage-api', 'account-api', ...READERS),
    'maintenance destroy',
  ],
  'stream-class/price/': [
    ...writing('prices', 'maintenance'),
    ...reading('price-api', 'usage-api', 'relay', 'console-api', 'auditor'),
    'maintenance destroy',
  ],
  'stream-class/demand-response/': [
    ...writing('prices', 'maintenance'),
    ...reading('price-api', 'relay', 'console-api', 'auditor'),
    'maintenance destroy',
  ],
  'stream-class/feed/': [
    ...writing('billing-api', 'maintenance'),
    ...reading('deliver', 'relay', 'archive', 'console-api', 'auditor', 'account-api'),
    'maintenance destroy',
  ],
  'stream-class/delivery/': [
    ...writing('deliver', 'billing-api', 'third-party-api', 'console-api', 'maintenance'),
    ...reading('archive', 'auditor'),
    'maintenance destroy',
  ],
  'stream-class/party-feed/': [
    ...writing('third-party-feed', 'maintenance'),
    ...reading('deliver', 'relay', 'archive', 'console-api', 'auditor'),
    'maintenance destroy',
  ],
  'stream-class/area/': [
    ...writing('ems', 'maintenance'),
    ...reading('forecast', 'deidentify', 'operator-api', 'console-api', 'deliver', 'relay', 'auditor', 'usage-api'),
    'maintenance destroy',
  ],
  'stream-class/forecast/': [...writing('forecast', 'maintenance'), ...reading('ems', 'operator-api', 'auditor'), 'maintenance destroy'],
  'stream-class/release/': [...writing('deidentify', 'maintenance'), ...reading('auditor', 'usage-api'), 'maintenance destroy'],
  'stream-class/exception/': [...writing('editing', 'maintenance'), ...reading('billing', ...READERS), 'maintenance destroy'],
  'stream-class/consent/': [
    ...writing('consent', 'authorization', 'third-party-api', 'deliver', 'account-api', 'erasure', 'maintenance'),
    ...reading('third-party-feed', 'auditor'),
    'maintenance destroy',
  ],
  'stream-class/erasure/': [
    ...writing('erasure', 'account-api', 'maintenance'),
    ...reading('relay', 'archive', 'auditor'),
    'maintenance destroy',
  ],
  'stream-class/account/': [
    ...[...streamRows(), ...reading('close-day', 'editing', 'billing', 'project', 'relay', 'archive', 'export')],
    ...reading('consent', 'authorization', 'usage-api', 'account-api'),
    ...writing('erasure'),
  ],
  'stream-class/recipient/': [
    ...writing('enrol', 'third-party-api', 'maintenance'),
    ...reading('authorization', 'deliver', 'account-api', 'auditor'),
    'maintenance destroy',
  ],
  'token/session/': [
    ...JUDGES.map((principal) => `${principal} get`),
    ...[...writing('session', 'erasure'), 'session destroy', 'maintenance list', 'maintenance destroy'],
  ],
  'token/session-barred/': [
    ...[...JUDGES, 'third-party-api', 'deliver'].map((principal) => `${principal} get`),
    ...[...writing('session', 'erasure'), 'session destroy', 'maintenance list', 'maintenance destroy'],
  ],
  'token/proof/': [
    ...[...JUDGES, 'session'].flatMap((principal) => [`${principal} get`, `${principal} put`]),
    ...['maintenance list', 'maintenance destroy'],
  ],
  'token/': [...writing('authorization'), ...['authorization destroy', 'third-party-api get', 'maintenance list', 'maintenance destroy']],
  'kept/meter/': ['enrol put', 'ingest put', 'maintenance list', 'maintenance put', 'maintenance destroy'],
  'kept/relay/': ['enrol put', 'ingest put', 'keys put', 'maintenance list', 'maintenance put', 'maintenance destroy'],
  'kept/consent/': keeping('consent', 'account-api', 'authorization', 'erasure'),
  'kept/erasure/': keeping('account-api', 'erasure'),
  'kept/recipient/': keeping('enrol'),
  'kept/webhook/': keeping('enrol', 'third-party-api'),
  'kept/party-delivery/': keeping('deliver', 'third-party-api'),
  'kept/delivery/': keeping('deliver'),
  'kept/': keeping(),
  'stream-class/usagepoint/': [
    ...[...streamRows(), ...reading('close-day', 'editing', 'billing', 'project', 'relay', 'archive', 'export')],
    ...reading('third-party-api', 'usage-api', 'account-api', 'erasure'),
  ],
  'stream-class/meter/': [
    ...streamRows(),
    ...reading('close-day', 'editing', 'billing', 'project', 'relay', 'archive', 'export', 'account-api'),
  ],
  'stream-class/': [...streamRows(), ...reading('close-day', 'editing', 'billing', 'project', 'relay', 'archive', 'export')],
  'usage/': [
    ...writing('close-day', 'editing', 'project', 'archive'),
    ...reading('billing', 'relay', 'export', 'auditor', 'third-party-api', 'usage-api', 'account-api'),
    ...['archive destroy', 'erasure get', 'erasure list', 'erasure destroy'],
  ],
  'billing/': [
    ...writing('billing', 'archive'),
    ...reading('auditor', 'editing', 'third-party-api', 'billing-api', 'deliver', 'account-api'),
    ...['archive destroy', 'erasure list', 'erasure destroy'],
  ],
  'unknown/': [],
};

/** Who says a kind of words, and who looks behind a restore. */
function keeping(...who: readonly string[]): string[] {
  return [...who.map((principal) => `${principal} put`), 'maintenance list', 'maintenance destroy'];
}

/** Who makes data keys opens them too. */
function sealing(...who: readonly string[]): string[] {
  return who.flatMap((principal) => [`${principal} generateDataKey`, `${principal} decrypt`]);
}

function streamRows(): string[] {
  return [...writing('ingest', 'keys', 'enrol', 'maintenance'), 'maintenance destroy', ...reading('auditor')];
}

function reading(...who: readonly string[]): string[] {
  return who.flatMap((principal) => [`${principal} get`, `${principal} list`]);
}

function writing(...who: readonly string[]): string[] {
  return [...reading(...who), ...who.map((principal) => `${principal} put`)];
}

/** Who puts entries of the directory, by the beginning of their keys; others may be put by everybody who writes there. */
export const DIRECTORY_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  'caller/': ['operator-cli'],
  'log/': ['log'],
  'restore/': ['maintenance'],
  'silence/': ['maintenance'],
  'models/': ['project'],
  'agenda/': ['keys', 'maintenance'],
  'agenda-done': ['keys', 'maintenance'],
  'certificate-end/': ['enrol', 'keys'],
  'newest-certificate/': ['enrol', 'keys'],
  'registration/': ['enrol'],
  'segment-places': ['enrol', 'maintenance'],
  'known-meters/': ['enrol', 'ingest', 'maintenance'],
  'moving/': ['enrol', 'ingest', 'maintenance'],
  'route/': ['enrol', 'ingest', 'maintenance'],
  'point-of/': ['enrol', 'maintenance'],
  'reseal-due/': ['archive', 'enrol'],
  'reclose/': ['archive', 'close-day'],
  'close/': ['close-day'],
  'erasure-looked': ['erasure'],
  'erasure-next/': ['erasure'],
  'erasure-silent/': ['erasure'],
  'retention/': ['archive'],
  'oauth/': ['authorization'],
  'consent-expired-through': ['consent'],
  'consent-standing/': ['deliver', 'third-party-api'],
  'bill-run/': ['billing'],
  'bill-waiting/': ['billing'],
  'bills/': ['billing'],
  'billing-feed/': ['billing-api'],
  'party-feed/': ['third-party-feed'],
  'delivery/': ['billing-api', 'console-api', 'deliver', 'third-party-api'],
};
