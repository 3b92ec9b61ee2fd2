import { expect, it } from 'vitest';
import { ASSUMED } from '../../bench/cost/assumptions.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { resolved } from './resolved.ts';

it('the page of costs assumes at least the alarms, dashboards and metrics of the stack with everything in it', () => {
  const all = resolved(synthesize({ domain: 'dev.example.org', operatorLink: OPERATOR_LINK }));
  const count = (type: string) => all.filter(({ Type }) => Type === type).length;
  expect(count('AWS::CloudWatch::Alarm')).toBeGreaterThan(50);
  expect(count('AWS::CloudWatch::Alarm')).toBeLessThanOrEqual(ASSUMED.alarms);
  expect(count('AWS::CloudWatch::Dashboard')).toBeLessThanOrEqual(ASSUMED.dashboards);
  expect(count('AWS::Logs::MetricFilter')).toBeLessThan(ASSUMED.metrics);
});
