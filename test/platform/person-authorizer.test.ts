import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallRates } from '../../platform/doors/call-rates.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { EmbeddedPeople } from '../../platform/embedded/gateway/people.ts';
import { PersonAuthorizer } from '../../platform/embedded/https/person-authorizer.ts';
import { API_ROLES, type ApiRole, PUBLIC } from '../../topology/route.ts';
import { type ApiRoute, ROUTES } from '../../topology/routes.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';

/** Written down apart from the routes: who may do what. */
const MAY: Readonly<Record<string, readonly ApiRole[]>> = {
  listExceptions: ['operator', 'supervisor', 'auditor'],
  showException: ['operator', 'supervisor', 'auditor'],
  assignException: ['operator', 'supervisor'],
  showDay: ['operator', 'supervisor', 'auditor'],
  previewEdit: ['operator', 'supervisor'],
  editDay: ['operator', 'supervisor'],
  undoEdit: ['operator', 'supervisor'],
  approveEdit: ['supervisor'],
  rejectEdit: ['operator', 'supervisor'],
  finalizeDay: ['supervisor'],
  showOverview: ['operator', 'supervisor', 'auditor', 'security-officer'],
  showIngest: ['operator', 'supervisor', 'auditor', 'security-officer'],
  findMeters: ['operator', 'supervisor', 'auditor'],
  showMeter: ['operator', 'supervisor', 'auditor'],
  showFeeders: ['operator', 'supervisor'],
  listHeldBills: ['operator', 'supervisor', 'auditor'],
  approveBill: ['supervisor'],
  listQuarantined: ['operator', 'supervisor', 'auditor', 'security-officer'],
  showDevice: ['auditor', 'security-officer'],
  showFeeds: ['operator', 'supervisor', 'auditor', 'security-officer'],
  replayFeed: ['supervisor'],
  showKeys: ['security-officer', 'auditor'],
  listAudit: ['auditor', 'security-officer'],
  listPersonSignIns: ['auditor', 'security-officer'],
  askVerification: ['auditor', 'security-officer'],
  verifyStreams: ['auditor', 'security-officer'],
  pushAuthorizationRequest: ['third-party'],
  issueToken: ['third-party'],
  revokeToken: ['third-party'],
  showApplication: ['third-party'],
  showAuthorization: ['third-party'],
  pullSubscription: ['third-party'],
  exportSubscription: ['third-party'],
  listSigningKeys: ['third-party'],
  replayNotices: ['third-party'],
  listUsagePoints: ['third-party'],
  listMeterReadings: ['third-party'],
  listIntervalBlocks: ['third-party'],
  setWebhook: ['third-party'],
  showWebhook: ['third-party'],
  listAreas: ['grid-operator'],
  readPartition: ['grid-operator'],
  showLogCheckpoint: ['grid-operator'],
  readArea: ['grid-operator'],
  showForecast: ['grid-operator'],
  showTrend: ['grid-operator'],
  showAreaStatus: ['grid-operator'],
  listFeedKeys: ['grid-operator'],
  listBillingItems: ['billing-system'],
  showBillingTotals: ['billing-system'],
  replayBillingItems: ['billing-system'],
  endSessionsOf: ['security-officer'],
  renewConsoleSession: ['operator', 'supervisor', 'auditor', 'security-officer'],
  endConsoleSession: ['operator', 'supervisor', 'auditor', 'security-officer'],
  // Customers have no certificate that a person has.
  listPoints: [],
  showToday: [],
  showUsage: [],
  showPeaks: [],
  showSimilar: [],
  downloadUsage: [],
};

/** What a session alone opens, whoever has a certificate. */
const BY_SESSION = [
  ...['renewSession', 'endSession', 'listSessions', 'listSignIns', 'endOtherSession'],
  ...['showCustomer', 'showBillEstimate', 'listBills', 'showBill', 'proveBill', 'listSharing', 'showSharing', 'endSharing', 'listAccesses'],
  ...['showConsentRequest', 'answerConsent', 'showErasure', 'requestErasure', 'withdrawErasure'],
];

/** What asks for no certificate: it is signed or for everybody, the customer signs in there, or it holds nobody's data. */
const OPEN_TO_ALL = [
  'showAuthorizationServer',
  'authorize',
  'resumeAuthorization',
  'askForConsent',
  'registerSandboxClient',
  'pullSandbox',
  'showPrices',
  'showDemandResponse',
  'searchAllPrograms',
  'searchProgramByProgramId',
  'searchAllEvents',
  'searchEventsByID',
  'beginSession',
  'beginConsoleSession',
];

const directory = mkdtempSync(join(tmpdir(), 'joulekeep-people-'));
const clock = new ManualClock(Date.now());
let ca: CertificateAuthority;
let people: EmbeddedPeople;
let authorizer: PersonAuthorizer;

beforeAll(async () => {
  ca = await CertificateAuthority.open(join(directory, 'ca'), clock);
  people = new EmbeddedPeople(join(directory, 'people.db'), ca, clock);
  authorizer = new PersonAuthorizer(people, clock, defencesUnderTest());
});
afterAll(() => {
  people.close();
  rmSync(directory, { recursive: true });
});

async function issue(name: string, role: ApiRole): Promise<Buffer> {
  const { csr } = await deviceKey(name);
  return await people.issue(name, role, csr);
}

describe('the authorizer', () => {
  it('lets each role do what the matrix says, on every route, and nothing else', async () => {
    const open = (ROUTES as readonly ApiRoute[]).filter(({ roles }) => roles.includes(PUBLIC)).map(({ name }) => name);
    expect(open.sort()).toEqual([...OPEN_TO_ALL].sort());
    const known = (ROUTES as readonly ApiRoute[]).filter(({ name }) => !OPEN_TO_ALL.includes(name));
    expect(known.map(({ name }) => name).sort()).toEqual([...Object.keys(MAY), ...BY_SESSION].sort());
    for (const role of API_ROLES) {
      const certificate = await issue(`${role}-1`, role);
      for (const route of ROUTES as readonly ApiRoute[]) {
        const decided = await authorizer.authorize({ certificate }, route);
        const may = BY_SESSION.includes(route.name) ? [] : MAY[route.name];
        if (may === undefined) {
          expect(decided, route.name).toEqual({ allowed: true, person: PUBLIC, role: PUBLIC });
          continue;
        }
        const allowed = may.includes(role);
        expect(decided, `${role} ${route.name}`).toEqual(
          allowed ? { allowed: true, person: `${role}-1`, role } : { allowed: false, because: 'forbidden', reason: 'wrong-role' },
        );
      }
    }
  });

  it("denies by default: a route that names nobody is nobody's", async () => {
    const route: ApiRoute = { ...ROUTES[0], roles: [] };
    for (const role of API_ROLES)
      expect(await authorizer.authorize({ certificate: await issue('dora', role) }, route)).toMatchObject({
        allowed: false,
        because: 'forbidden',
      });
  });

  it('denies what is no certificate', async () => {
    for (const certificate of [undefined, Buffer.alloc(0), Buffer.from('ann'), (await issue('eve', 'operator')).subarray(0, 100)])
      expect(await authorizer.authorize({ certificate }, ROUTES[0])).toMatchObject({ allowed: false, because: 'unauthenticated' });
  });

  it('lets everybody in where a route is public, and nobody there is anybody', async () => {
    for (const certificate of [undefined, await issue('kim', 'supervisor'), Buffer.from('ann')])
      expect(await authorizer.authorize({ certificate }, { roles: ['public'] })).toEqual({
        allowed: true,
        person: 'public',
        role: 'public',
      });
  });

  it('believes a certificate and the list only where they agree', async () => {
    const certificate = await issue('ida', 'operator');
    const database = new DatabaseSync(join(directory, 'people.db'));
    for (const change of [`role = 'supervisor'`, `role = 'operator', name = 'bob'`]) {
      database.exec(`UPDATE person_certificates SET ${change} WHERE name = 'ida'`);
      expect(await authorizer.authorize({ certificate }, ROUTES[0])).toMatchObject({ allowed: false, reason: 'unregistered' });
    }
    database.close();
  });

  it('one person may hold certificates of both roles, and each is worth its own', async () => {
    const [low, high] = [await issue('fay', 'operator'), await issue('fay', 'supervisor')];
    const approve = ROUTES.find(({ name }) => name === 'approveEdit')!;
    expect(await authorizer.authorize({ certificate: low }, approve)).toMatchObject({ allowed: false });
    expect(await authorizer.authorize({ certificate: high }, approve)).toEqual({ allowed: true, person: 'fay', role: 'supervisor' });
  });

  it.each(['', 'Ann', 'ann smith', '-ann', 'ann,O=x', 'ann\n', 'a'.repeat(64), '(second person)', 'public'])(
    'nobody is named %j',
    async (name) => {
      const { csr } = await deviceKey('ann');
      await expect(people.issue(name, 'operator', csr)).rejects.toMatchObject({ code: 'ERR_PERSON_NAME' });
    },
  );

  it('signs for the name in the request only', async () => {
    const { csr } = await deviceKey('gus');
    await expect(people.issue('hal', 'operator', csr)).rejects.toMatchObject({ code: 'ERR_CSR_REFUSED' });
    expect(people.list().map(({ name }) => name)).not.toContain('hal');
  });
});

describe('rates of calls', () => {
  it('a burst, then so many a minute, each caller apart', () => {
    let now = 0;
    const rates = new CallRates(() => now);
    const rate = { burst: 3, perMinute: 6 };
    expect([1, 2, 3, 4].map(() => rates.take('ann a', rate))).toEqual([0, 0, 0, 10]);
    expect(rates.take('bob a', rate)).toBe(0);
    now += 9_000;
    expect(rates.take('ann a', rate)).toBe(1);
    now += 1_001;
    expect([rates.take('ann a', rate), rates.take('ann a', rate)]).toEqual([0, 10]);
  });
});
