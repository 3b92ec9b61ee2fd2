import { expect, it } from 'vitest';
import { OperationsStack } from '../../lib/stacks/operations.ts';
import { ENV, PROD, Synthesized } from './synthesized.ts';

const edge = new Synthesized((app) => new OperationsStack(app, 'operations', { stage: PROD, env: ENV }));
it('x', () => {
  console.log(edge.findings.join('\n'));
  console.log(
    edge.resources.size,
    [...edge.resources]
      .filter(([, v]) => !/Alarm|MetricFilter/.test(v.Type))
      .map(([k, v]) => `${k} ${v.Type}`)
      .join('\n'),
  );
  console.log(
    edge
      .of('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Properties['AlarmName'])
      .join(' '),
  );
  console.log(
    JSON.stringify(edge.of('AWS::CloudWatch::CompositeAlarm')[0], null, 1),
    JSON.stringify(edge.of('AWS::Logs::MetricFilter')[0], null, 1),
  );
  expect(1).toBe(1);
});
