import { expect, it } from 'vitest';
import { FleetStack } from '../../lib/stacks/fleet.ts';
import { ENV, PROD, Synthesized } from './synthesized.ts';

const edge = new Synthesized((app) => new FleetStack(app, 'fleet', { stage: PROD, env: ENV }));
it('x', () => {
  console.log(edge.findings.join('\n'));
  console.log([...edge.resources].map(([k, v]) => `${k} ${v.Type}`).join('\n'));
  expect(1).toBe(1);
});
