import { NOTHING, type Route, type RouteRate } from '../route.ts';

const READS: RouteRate = { burst: 60, perMinute: 240 };
/** Each opens up to 13 months. */
const FILES: RouteRate = { burst: 5, perMinute: 10 };
const READ = {
  door: 'customer',
  function: 'usage-api',
  method: 'GET',
  roles: ['customer'],
  secondPerson: 'never',
  changes: 'nothing',
  rate: READS,
} as const;
const POINT = '/v1/me/points/{usagePoint}';
const OF_POINT = { ...NOTHING, path: 'CustomerPointPath' } as const;

/** What customers see of their own usage. @source X.1332 8.3, 9.2 (own data only), 10.2 */
export const CUSTOMER_USAGE_ROUTES = [
  { ...READ, name: 'listPoints', path: '/v1/me/points', schemas: { ...NOTHING, response: 'CustomerPoints' } },
  { ...READ, name: 'showToday', path: `${POINT}/today`, schemas: { ...OF_POINT, response: 'Today' } },
  { ...READ, name: 'showUsage', path: `${POINT}/usage`, schemas: { ...OF_POINT, query: 'UsageQuery', response: 'Usage' } },
  { ...READ, name: 'showPeaks', path: `${POINT}/demand`, schemas: { ...OF_POINT, response: 'DemandPeaks' } },
  { ...READ, name: 'showSimilar', path: `${POINT}/similar`, schemas: { ...OF_POINT, query: 'SimilarQuery', response: 'SimilarHomes' } },
  {
    ...READ,
    name: 'downloadUsage',
    path: `${POINT}/download`,
    rate: FILES,
    schemas: { ...OF_POINT, query: 'DownloadQuery', response: 'UsageFile' },
  },
] as const satisfies readonly Route[];
