import { NOTHING, type Route } from '../route.ts';

const READ = {
  door: 'operator',
  method: 'GET',
  function: 'operator-api',
  roles: ['grid-operator'],
  rate: { burst: 60, perMinute: 600 },
  secondPerson: 'never',
  changes: 'nothing',
} as const;
const AREA = '/v1/areas/{area}';
const ITEMS = { path: 'AreaPath', query: 'ItemQuery', body: 'NoBody', response: 'ItemPage' } as const;

/** The grid operator's energy management system, over the private link. @source X.1332 9.4, 10.4 */
export const OPERATOR_ROUTES = [
  {
    ...READ,
    name: 'listAreas',
    path: '/v1/areas',
    schemas: { ...NOTHING, response: 'AreaList' },
  },
  {
    ...READ,
    name: 'readPartition',
    path: '/v1/partition/items',
    schemas: { path: 'NoParameters', query: 'ItemQuery', body: 'NoBody', response: 'ItemPage' },
  },
  { ...READ, name: 'readArea', path: `${AREA}/feed`, schemas: ITEMS },
  {
    ...READ,
    name: 'showForecast',
    path: `${AREA}/forecast`,
    schemas: { path: 'AreaPath', query: 'NoParameters', body: 'NoBody', response: 'AreaForecasts' },
  },
  {
    ...READ,
    name: 'showTrend',
    path: `${AREA}/trend`,
    schemas: { path: 'AreaPath', query: 'NoParameters', body: 'NoBody', response: 'AreaTrend' },
  },
  {
    ...READ,
    name: 'showAreaStatus',
    path: `${AREA}/status`,
    schemas: { path: 'AreaPath', query: 'NoParameters', body: 'NoBody', response: 'FeedStatus' },
  },
  {
    ...READ,
    name: 'listFeedKeys',
    path: '/v1/feed-keys',
    schemas: { ...NOTHING, response: 'FeedKeys' },
  },
  {
    // Tells how many commits there are, and nothing of any.
    ...READ,
    name: 'showLogCheckpoint',
    path: '/v1/log/checkpoint',
    schemas: { ...NOTHING, response: 'LogCheckpoint' },
  },
] as const satisfies readonly Route[];
