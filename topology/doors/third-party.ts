import { NOTHING, type Route, type RouteRate } from '../route.ts';

const PULLS: RouteRate = { burst: 60, perMinute: 600 };
const TOKENS: RouteRate = { burst: 20, perMinute: 120 };
const SETTINGS: RouteRate = { burst: 5, perMinute: 10 };
const COMMON = { door: 'third-party', roles: ['third-party'], secondPerson: 'never' } as const;
const OAUTH = {
  ...COMMON,
  function: 'authorization',
  method: 'POST',
  takes: 'form',
  changes: 'repeatable',
  rate: TOKENS,
  schemas: { ...NOTHING, body: 'OAuthForm', response: 'OAuthAnswer' },
} as const;
const PULL = { ...COMMON, function: 'third-party-api', method: 'GET', changes: 'nothing', rate: PULLS } as const;
const SETTING = { ...COMMON, function: 'third-party-api', changes: 'repeatable', rate: SETTINGS } as const;
const RESOURCE = '/espi/1_1/resource';
const SUBSCRIPTION = `${RESOURCE}/Subscription/{subscription}`;
const POINT = `${SUBSCRIPTION}/UsagePoint/{point}`;

/** Third parties, over the private link, each with a certificate of its own. @source X.1332 9.3, 10.3 */
export const THIRD_PARTY_ROUTES = [
  { ...OAUTH, name: 'pushAuthorizationRequest', path: '/oauth/par' },
  { ...OAUTH, name: 'issueToken', path: '/oauth/token' },
  { ...OAUTH, name: 'revokeToken', path: '/oauth/revoke' },
  {
    ...PULL,
    name: 'showApplication',
    path: `${RESOURCE}/ApplicationInformation`,
    schemas: { ...NOTHING, response: 'Application' },
  },
  {
    ...PULL,
    name: 'showAuthorization',
    path: `${RESOURCE}/Authorization/{subscription}`,
    schemas: { path: 'SubscriptionPath', query: 'NoParameters', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...PULL,
    name: 'pullSubscription',
    path: `${RESOURCE}/Batch/Subscription/{subscription}`,
    schemas: { path: 'SubscriptionPath', query: 'PullQuery', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...PULL,
    name: 'exportSubscription',
    path: `${RESOURCE}/Batch/Bulk/{subscription}`,
    rate: SETTINGS,
    schemas: { path: 'SubscriptionPath', query: 'PullQuery', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...PULL,
    name: 'listSigningKeys',
    path: '/v1/keys',
    schemas: { ...NOTHING, response: 'FeedKeys' },
  },
  {
    ...PULL,
    name: 'listUsagePoints',
    path: `${SUBSCRIPTION}/UsagePoint`,
    schemas: { path: 'SubscriptionPath', query: 'PullQuery', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...PULL,
    name: 'listMeterReadings',
    path: `${POINT}/MeterReading`,
    schemas: { path: 'PointPath', query: 'PullQuery', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...PULL,
    name: 'listIntervalBlocks',
    path: `${POINT}/MeterReading/{reading}/IntervalBlock`,
    schemas: { path: 'ReadingPath', query: 'PullQuery', body: 'NoBody', response: 'EspiFeed' },
  },
  {
    ...SETTING,
    name: 'setWebhook',
    method: 'PUT',
    path: '/v1/webhook',
    schemas: { ...NOTHING, body: 'Webhook', response: 'Webhook' },
  },
  {
    ...SETTING,
    name: 'replayNotices',
    method: 'POST',
    path: '/v1/webhook/replay',
    schemas: { ...NOTHING, body: 'BillingReplay', response: 'DeliveryStanding' },
  },
  {
    ...SETTING,
    name: 'showWebhook',
    method: 'GET',
    changes: 'nothing',
    path: '/v1/webhook',
    schemas: { ...NOTHING, response: 'Webhook' },
  },
] as const satisfies readonly Route[];
