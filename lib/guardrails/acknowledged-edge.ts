import type { Acknowledged } from './acknowledged.ts';

/** Every method of an API lies below it. */
const ROUTES = 'Api/Default';
const JUDGED = 'The function behind each route judges who calls, by session and proof or by certificate, as topology/routes.ts says of it;';

/** Findings of the edge that stay. */
export const EDGE_ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    path: 'Health/Role/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::*]',
    reason: 'X-Ray takes trace segments for no resource: its two actions can be given for * alone.',
  },
  {
    path: 'ApiLogRole/Resource',
    rule: 'IAM5[Resource::*]',
    reason:
      'API Gateway takes one role for the logs of all APIs of an account and checks that it may write any; it is assumed by API Gateway alone.',
  },
  {
    path: `Devices/${ROUTES}`,
    rule: 'APIG4',
    reason: `${JUDGED} and whoever gets here has shown a certificate under the customers' CA.`,
  },
  {
    path: `Devices/${ROUTES}`,
    rule: 'COG4',
    reason: 'Displays at home have a certificate, not a Cognito user: the domain asks for it before HTTP begins.',
  },
  { path: `Customers/${ROUTES}`, rule: 'APIG4', reason: `${JUDGED} some are for whoever asks, before anybody has signed in.` },
  {
    path: `Customers/${ROUTES}`,
    rule: 'COG4',
    reason: 'A token of the user pool works wherever it is copied to: sessions are our own, bound to a key of the browser.',
  },
  {
    path: 'OriginSecret/Resource',
    rule: 'SMG4',
    reason: 'Distribution and wall must change to a new secret together, which a deployment does and a rotation function could not.',
  },
  {
    path: 'Logs/Resource',
    rule: 'S1',
    reason: 'This bucket holds the access logs; a log of its own reading would need a bucket without one again.',
  },
  {
    path: 'Front/Distribution/Resource',
    rule: 'CFR1',
    reason: 'Customers look at their usage on holiday as well: where they are is no reason to refuse them.',
  },
  {
    path: 'Front/Distribution/Resource',
    rule: 'CFR2',
    reason: 'The web ACL stands at the API behind the distribution, in the region of the stage, and refuses what did not come through it.',
  },
];
