import { PERSONAL_DATA, type PersonalClass } from '../../topology/personal-data.ts';
import { counted } from './counted.ts';

const HEAD = ['class', 'where', 'collected', 'used for', 'shared with', 'kept', 'erased by', 'gone, when its customer is erased'] as const;
const SINCE = {
  'tenancy-end': 'after the last tenancy ended',
  'usage-destroyed': 'after the keys of the days went',
  'billing-destroyed': 'after the keys of the bills went',
} as const;

/** The life of personal data as docs/privacy.md shows it: a table, a line each class. */
export function lifeTable(): string {
  const rows = PERSONAL_DATA.map((one) => [
    one.name,
    one.of,
    one.collected,
    one.usedFor,
    one.sharedWith,
    one.kept,
    one.erasedBy,
    lastOf(one),
  ]);
  return [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function lastOf({ lingers }: PersonalClass): string {
  return lingers === undefined ? '' : `${counted(lingers.days, 'day')} ${SINCE[lingers.since]}`;
}
