import type { Route, RouteRate } from '../route.ts';

const PAGES: RouteRate = { burst: 30, perMinute: 120 };
const ANSWERS: RouteRate = { burst: 10, perMinute: 30 };
const EVERYBODY = { door: 'customer', roles: ['public'], secondPerson: 'never' } as const;
const PAGE = { ...EVERYBODY, function: 'authorization', method: 'GET', changes: 'nothing', rate: PAGES } as const;
const CONSENT = '/oauth/consent/{uid}';
const SANDBOX = '/sandbox';

/** Customers, from the internet. @source X.1332 9.2, 10.2 */
export const CUSTOMER_ROUTES = [
  {
    ...PAGE,
    name: 'showAuthorizationServer',
    path: '/.well-known/oauth-authorization-server',
    schemas: { path: 'NoParameters', query: 'NoParameters', body: 'NoBody', response: 'OAuthAnswer' },
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
    name: 'askForConsent',
    path: CONSENT,
    schemas: { path: 'UidPath', query: 'NoParameters', body: 'NoBody', response: 'OAuthAnswer' },
  },
  {
    ...EVERYBODY,
    function: 'authorization',
    method: 'POST',
    takes: 'form',
    changes: 'repeatable',
    rate: ANSWERS,
    name: 'answerConsent',
    path: CONSENT,
    schemas: { path: 'UidPath', query: 'NoParameters', body: 'OAuthForm', response: 'OAuthAnswer' },
  },
  {
    ...EVERYBODY,
    function: 'sandbox',
    method: 'POST',
    changes: 'nothing',
    rate: ANSWERS,
    name: 'registerSandboxClient',
    path: `${SANDBOX}/clients`,
    schemas: { path: 'NoParameters', query: 'NoParameters', body: 'SandboxRequest', response: 'SandboxClient' },
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
] as const satisfies readonly Route[];
