import type { Acknowledged } from './acknowledged.ts';

/** Findings of the doors that stay. */
export const DOORS_ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    path: 'HealthCheck/Role/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::*]',
    reason:
      'X-Ray takes trace segments for no resource: its two actions can be given for * alone, and the function has no other permission.',
  },
  {
    path: 'Logs/Resource',
    rule: 'S1',
    reason:
      'This bucket holds the access and connection logs of the doors; a log of its own reading would need a bucket without one again.',
  },
];
