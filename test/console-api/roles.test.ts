import { beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE_ROUTES } from '../../topology/doors/console.ts';
import { CONSOLE_BILL_ROUTES } from '../../topology/doors/console-bills.ts';
import { CONSOLE_PAGE_ROUTES } from '../../topology/doors/console-pages.ts';
import { API_ROLES, type CallerRole, CUSTOMER, PUBLIC } from '../../topology/route.ts';
import { ROUTES, type RouteName } from '../../topology/routes.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ConsoleDoor } from './console-world.ts';

const ROLES: readonly CallerRole[] = [...API_ROLES, CUSTOMER, PUBLIC];

/** Written down apart from the routes: who may what at the console. */
const MAY: Readonly<Record<string, readonly CallerRole[]>> = {
  showOverview: ['operator', 'supervisor', 'auditor', 'security-officer'],
  showIngest: ['operator', 'supervisor', 'auditor', 'security-officer'],
  showFeeders: ['operator', 'supervisor'],
  listQuarantined: ['operator', 'supervisor', 'auditor', 'security-officer'],
  showDevice: ['auditor', 'security-officer'],
  showFeeds: ['operator', 'supervisor', 'auditor', 'security-officer'],
  findMeters: ['operator', 'supervisor', 'auditor'],
  showMeter: ['operator', 'supervisor', 'auditor'],
  replayFeed: ['supervisor'],
  showKeys: ['auditor', 'security-officer'],
  listAudit: ['auditor', 'security-officer'],
  askVerification: ['auditor', 'security-officer'],
  verifyStreams: ['auditor', 'security-officer'],
  listPersonSignIns: ['auditor', 'security-officer'],
  listExceptions: ['operator', 'supervisor', 'auditor'],
  showException: ['operator', 'supervisor', 'auditor'],
  showDay: ['operator', 'supervisor', 'auditor'],
  assignException: ['operator', 'supervisor'],
  previewEdit: ['operator', 'supervisor'],
  editDay: ['operator', 'supervisor'],
  undoEdit: ['operator', 'supervisor'],
  finalizeDay: ['supervisor'],
  approveEdit: ['supervisor'],
  listHeldBills: ['operator', 'supervisor', 'auditor'],
  approveBill: ['supervisor'],
  rejectEdit: ['operator', 'supervisor'],
};

const PARAMETERS = {
  meterId: '02a1b2c3d4e5f607',
  day: '2026-01-15',
  edit: '1',
  row: 'cm93',
  feed: 'billing.bills',
  account: 'acc-1',
  bill: 'up-1.2026-01-01',
  device: 'm-02a1b2c3d4e5f607',
};
const CASES = Object.keys(MAY).flatMap((name) => ROLES.map((role) => [name, role, MAY[name]!.includes(role)] as const));

let door: ConsoleDoor;
beforeAll(() => {
  const world = new MemoryWorld();
  door = new ConsoleDoor((principal) => world.as(principal));
});

describe('who may what at the console', () => {
  it('every route of the console is in the table, and nothing else', () => {
    const served = ROUTES.filter(
      ({ door, function: of, name }) => door === 'console' && (of !== 'session' || name === 'listPersonSignIns'),
    );
    expect(served.map(({ name }) => name).sort()).toEqual(Object.keys(MAY).sort());
    expect(served.length).toBe(CONSOLE_ROUTES.length + CONSOLE_PAGE_ROUTES.length + CONSOLE_BILL_ROUTES.length);
    expect(CASES.length).toBeGreaterThan(150);
  });

  it.each(CASES)('C10.1-1: %s as %s: %s', async (name, role, allowed) => {
    const { status, problem } = await door.ask(name as RouteName, { role, as: `some-${role}`, path: PARAMETERS });
    // A role that nobody signs in with here is not believed, one that is not the route's is turned away.
    if (allowed) expect([200, 400, 404, 412, 428], problem.type).toContain(status);
    else expect([401, 403], problem.type).toContain(status);
  });
});
