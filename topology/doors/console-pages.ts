import { NOTHING, type PersonRole, type Route, type RouteRate } from '../route.ts';

const READS: RouteRate = { burst: 40, perMinute: 240 };
/** Walks whole streams. */
const WALKS: RouteRate = { burst: 5, perMinute: 20 };
const EVERYBODY: readonly PersonRole[] = ['operator', 'supervisor', 'auditor', 'security-officer'];
const COMMON = { door: 'console', function: 'console-api', secondPerson: 'never' } as const;
const READ = { ...COMMON, method: 'GET', changes: 'nothing', rate: READS, roles: EVERYBODY } as const;

/** What those who run the service look at. @source X.1332 10.1 (access control) */
export const CONSOLE_PAGE_ROUTES = [
  { ...READ, name: 'showOverview', path: '/v1/overview', schemas: { ...NOTHING, response: 'Overview' } },
  { ...READ, name: 'showIngest', path: '/v1/ingest', schemas: { ...NOTHING, query: 'IngestQuery', response: 'IngestView' } },
  {
    ...READ,
    name: 'showFeeders',
    path: '/v1/feeders',
    // Whoever looks for losses; the sums are those that passed the disclosure gate.
    roles: ['operator', 'supervisor'],
    schemas: { ...NOTHING, query: 'FeedersQuery', response: 'FeedersView' },
  },
  {
    ...READ,
    name: 'findMeters',
    // Who lives where is behind the keys of the function that edits.
    function: 'edit',
    path: '/v1/meters',
    roles: ['operator', 'supervisor', 'auditor'],
    schemas: { ...NOTHING, query: 'MeterQuery', response: 'FoundMeters' },
  },
  {
    ...READ,
    name: 'showMeter',
    // Opens days of a customer, on record: the console's other pages have no key to any.
    function: 'edit',
    path: '/v1/meters/{meterId}',
    roles: ['operator', 'supervisor', 'auditor'],
    schemas: { ...NOTHING, path: 'MeterPath', response: 'MeterView' },
  },
  {
    ...READ,
    name: 'listQuarantined',
    path: '/v1/quarantines',
    schemas: { ...NOTHING, query: 'QuarantineQuery', response: 'QuarantinedDevices' },
  },
  {
    ...READ,
    name: 'showDevice',
    // It reads streams of devices for these two roles already.
    function: 'audit',
    path: '/v1/devices/{device}',
    // Whoever looks after certificates and incidents: identity and what happened, never where it hangs or what it measured.
    roles: ['security-officer', 'auditor'],
    rate: WALKS,
    schemas: { ...NOTHING, path: 'DevicePath', response: 'DeviceView' },
  },
  { ...READ, name: 'showFeeds', path: '/v1/feeds', schemas: { ...NOTHING, response: 'FeedsView' } },
  {
    ...COMMON,
    name: 'replayFeed',
    method: 'POST',
    path: '/v1/feeds/{feed}/replay',
    roles: ['supervisor'],
    changes: 'repeatable',
    rate: WALKS,
    schemas: { ...NOTHING, path: 'FeedPath', body: 'FeedReplay', response: 'FeedReplayed' },
  },
  {
    ...READ,
    name: 'showKeys',
    path: '/v1/console/keys',
    roles: ['security-officer', 'auditor'],
    schemas: { ...NOTHING, response: 'KeysView' },
  },
  {
    ...READ,
    name: 'listAudit',
    function: 'audit',
    path: '/v1/audit',
    roles: ['auditor', 'security-officer'],
    schemas: { ...NOTHING, query: 'AuditQuery', response: 'AuditPage' },
  },
  {
    ...READ,
    name: 'listPersonSignIns',
    // Reads the streams that it writes.
    function: 'session',
    path: '/v1/console/sign-ins',
    roles: ['auditor', 'security-officer'],
    rate: WALKS,
    schemas: { ...NOTHING, query: 'SignInQuery', response: 'PersonSignIns' },
  },
  {
    ...COMMON,
    name: 'askVerification',
    method: 'POST',
    path: '/v1/audit/verification-requests',
    roles: ['auditor', 'security-officer'],
    changes: 'repeatable',
    rate: WALKS,
    schemas: { ...NOTHING, response: 'VerificationAsked' },
  },
  {
    ...COMMON,
    name: 'verifyStreams',
    function: 'audit',
    method: 'POST',
    path: '/v1/audit/verification',
    roles: ['auditor', 'security-officer'],
    changes: 'nothing',
    rate: WALKS,
    schemas: { ...NOTHING, body: 'VerifyRequest', response: 'Verified' },
  },
] as const satisfies readonly Route[];
