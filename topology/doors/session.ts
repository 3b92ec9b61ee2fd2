import { NOTHING, PERSON_ROLES, PUBLIC, type Route, type RouteRate } from '../route.ts';

const SIGN_INS: RouteRate = { burst: 10, perMinute: 20 };
const RENEWALS: RouteRate = { burst: 10, perMinute: 30 };
const SESSION = { function: 'session', secondPerson: 'never', changes: 'repeatable' } as const;
const CUSTOMER = { ...SESSION, door: 'customer' } as const;
const CONSOLE = { ...SESSION, door: 'console' } as const;
const BEGIN = {
  roles: [PUBLIC],
  method: 'POST',
  rate: SIGN_INS,
  schemas: { ...NOTHING, body: 'SessionRequest', response: 'SessionToken' },
} as const;
const RENEW = { method: 'POST', rate: RENEWALS, schemas: { ...NOTHING, response: 'SessionToken' } } as const;
const END = { method: 'DELETE', rate: RENEWALS, schemas: { ...NOTHING, response: 'SessionEnded' } } as const;

/** Sessions of people who signed in with the identity provider: tokens bound to a key of the browser. @source X.1332 9.2, 10.2 */
export const SESSION_ROUTES = [
  { ...CUSTOMER, ...BEGIN, name: 'beginSession', path: '/v1/session' },
  { ...CUSTOMER, ...RENEW, name: 'renewSession', path: '/v1/session/renewal', roles: ['customer'] },
  { ...CUSTOMER, ...END, name: 'endSession', path: '/v1/session', roles: ['customer'] },
  {
    ...CUSTOMER,
    name: 'listSessions',
    method: 'GET',
    path: '/v1/sessions',
    roles: ['customer'],
    rate: RENEWALS,
    changes: 'nothing',
    schemas: { ...NOTHING, response: 'SessionList' },
  },
  {
    ...CUSTOMER,
    name: 'listSignIns',
    method: 'GET',
    path: '/v1/sign-ins',
    roles: ['customer'],
    rate: RENEWALS,
    changes: 'nothing',
    schemas: { ...NOTHING, response: 'SignInList' },
  },
  {
    ...CUSTOMER,
    ...END,
    name: 'endOtherSession',
    path: '/v1/sessions/{session}',
    roles: ['customer'],
    schemas: { ...NOTHING, path: 'SessionPath', response: 'SessionEnded' },
  },
  { ...CONSOLE, ...BEGIN, name: 'beginConsoleSession', path: '/v1/console/session' },
  { ...CONSOLE, ...RENEW, name: 'renewConsoleSession', path: '/v1/console/session/renewal', roles: PERSON_ROLES },
  {
    ...CONSOLE,
    name: 'endSessionsOf',
    method: 'POST',
    path: '/v1/console/sessions/end',
    roles: ['security-officer'],
    rate: RENEWALS,
    schemas: { ...NOTHING, body: 'SessionsOf', response: 'SessionEnded' },
  },
  { ...CONSOLE, ...END, name: 'endConsoleSession', path: '/v1/console/session', roles: PERSON_ROLES },
] as const satisfies readonly Route[];
