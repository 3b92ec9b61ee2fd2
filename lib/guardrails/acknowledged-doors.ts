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

/** Of the console's files, in a stage where people can sign in. */
export const CONSOLE_ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    path: 'ConsoleSite/Role/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::*]',
    reason: 'X-Ray takes trace segments for no resource: the function has beside it one bucket that it reads.',
  },
  {
    path: 'ConsoleSite/Role/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::<SiteE53D7754.Arn>/*]',
    reason: 'The bucket is the site: its files are named by the application that was built, and all are for every browser behind the door.',
  },
];
