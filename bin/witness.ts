import { App } from 'aws-cdk-lib';
import { JoulekeepError } from '../events/errors.ts';
import { guard } from '../lib/guardrails/checks.ts';
import { WitnessStack } from '../lib/stacks/witness.ts';
import { physicalName } from '../lib/stage.ts';
import { readWitness } from '../lib/witness-stage.ts';

/** `npx cdk deploy --app "node_modules/.bin/node bin/witness.ts" -c stage=prod ...`, by the people of the other account: docs/deploy.md. */
const app = new App();
try {
  const stage = readWitness((key) => app.node.tryGetContext(key));
  new WitnessStack(app, physicalName(stage, 'witness'), { stage, env: { account: stage.account, region: stage.region } });
  guard(app);
  app.synth();
} catch (error) {
  if (!(error instanceof JoulekeepError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
