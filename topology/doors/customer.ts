import { type CallerRole, PUBLIC, type Route, type RouteRate } from '../route.ts';

/** What everybody may know and nobody can alter, for it is signed: with a certificate or without. */
const EVERYBODY: readonly CallerRole[] = [PUBLIC];
const SIGNED_READS: RouteRate = { burst: 60, perMinute: 600 };
const SIGNED = {
  door: 'customer',
  method: 'GET',
  function: 'price-api',
  roles: EVERYBODY,
  rate: SIGNED_READS,
  secondPerson: 'never',
  changes: 'nothing',
} as const;
/** @source OpenADR 3.1.0: the read side of a VTN */
const ADR = '/openadr3/3.1.0';

/** Customers, from the internet. @source X.1332 9.2, 10.2 */
export const CUSTOMER_ROUTES = [
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
