import { createHash } from 'node:crypto';
import type { BillStatement } from '../../events/index.ts';
import { billHash } from './control-totals.ts';

/** Over what was rated: lines, total, days in their revisions and tariffs in their versions. SHA-256, hex. */
export function ratedHash(statement: BillStatement): string {
  const { inputs, tariffs } = statement;
  const days = inputs.map(({ stream, revision }) => `${stream}#${revision}`);
  const prices = tariffs.map(({ tariff, version, from }) => `${tariff}#${version} ${from}`);
  return createHash('sha256')
    .update([billHash(statement), ...days, ...prices].join('\n'))
    .digest('hex');
}
