import { NOTHING, PUBLIC, type Route, type RouteRate } from '../route.ts';

const PAGES: RouteRate = { burst: 30, perMinute: 120 };
const ANSWERS: RouteRate = { burst: 10, perMinute: 30 };
const EVERYBODY = { door: 'customer', roles: [PUBLIC], secondPerson: 'never' } as const;
const PAGE = { ...EVERYBODY, function: 'authorization', method: 'GET', changes: 'nothing', rate: PAGES } as const;
const SANDBOX = '/sandbox';

/** What everybody may know and nobody can alter, for it is signed: with a certificate or without. */
const SIGNED_READS: RouteRate = { burst: 60, perMinute: 600 };
const SIGNED = { ...EVERYBODY, method: 'GET', function: 'price-api', rate: SIGNED_READS, changes: 'nothing' } as const;
/** @source OpenADR 3.1.0: the read side of a VTN */
const ADR = '/openadr3/3.1.0';

/** Customers, from the internet. @source X.1332 9.2, 10.2 */
export const CUSTOMER_ROUTES = [
  {
    ...PAGE,
    name: 'showAuthorizationServer',
    path: '/.well-known/oauth-authorization-server',
    schemas: { ...NOTHING, response: 'OAuthAnswer' },
  },
  {
    ...PAGE,
    name: 'authorize',
    path: '/oauth/authorize',
    schemas: { path: 'NoParameters', query: 'AuthorizeQuery', body: 'NoBody', response: 'OAuthAnswer' },
  },
  {
    ...PAGE,
    name: 'resumeAuthorization',
    path: '/oauth/authorize/{uid}',
    schemas: { path: 'UidPath', query: 'NoParameters', body: 'NoBody', response: 'OAuthAnswer' },
  },
  {
    ...PAGE,
    // Where the authorization server sends the browser; the question itself is the portal's to show.
    name: 'askForConsent',
    path: '/oauth/consent/{uid}',
    schemas: { path: 'UidPath', query: 'NoParameters', body: 'NoBody', response: 'OAuthAnswer' },
  },
  {
    ...EVERYBODY,
    function: 'sandbox',
    method: 'POST',
    changes: 'nothing',
    rate: ANSWERS,
    name: 'registerSandboxClient',
    path: `${SANDBOX}/clients`,
    schemas: { ...NOTHING, body: 'SandboxRequest', response: 'SandboxClient' },
  },
  {
    ...EVERYBODY,
    function: 'sandbox',
    method: 'GET',
    changes: 'nothing',
    rate: PAGES,
    name: 'pullSandbox',
    path: `${SANDBOX}/espi/1_1/resource/Batch/Subscription/{subscription}`,
    schemas: { path: 'SandboxPath', query: 'PullQuery', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...SIGNED,
    name: 'showPrices',
    path: '/v1/prices/{zone}',
    schemas: { path: 'ZonePath', query: 'ChainQuery', body: 'NoBody', response: 'PriceBundle' },
  },
  {
    ...SIGNED,
    name: 'showDemandResponse',
    path: '/v1/demand-response/{program}',
    schemas: { path: 'ProgramPath', query: 'ChainQuery', body: 'NoBody', response: 'DemandResponseBundle' },
  },
  {
    ...SIGNED,
    name: 'searchAllPrograms',
    path: `${ADR}/programs`,
    schemas: { path: 'NoParameters', query: 'AdrPage', body: 'NoBody', response: 'AdrPrograms' },
  },
  {
    ...SIGNED,
    name: 'searchProgramByProgramId',
    path: `${ADR}/programs/{programID}`,
    schemas: { path: 'AdrProgramPath', query: 'NoParameters', body: 'NoBody', response: 'AdrProgram' },
  },
  {
    ...SIGNED,
    name: 'searchAllEvents',
    path: `${ADR}/events`,
    schemas: { path: 'NoParameters', query: 'AdrEventQuery', body: 'NoBody', response: 'AdrEvents' },
  },
  {
    ...SIGNED,
    name: 'searchEventsByID',
    path: `${ADR}/events/{eventID}`,
    schemas: { path: 'AdrEventPath', query: 'NoParameters', body: 'NoBody', response: 'AdrEvent' },
  },
] as const satisfies readonly Route[];
