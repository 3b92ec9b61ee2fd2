import { WitnessStack } from '../lib/stacks/witness.ts';
import { physicalName } from '../lib/stage.ts';
import { readWitness } from '../lib/witness-stage.ts';
import { synthesize } from './synthesize.ts';

/** `npx cdk deploy --app "node_modules/.bin/node bin/witness.ts" -c stage=prod ...`, by the people of the other account: docs/deploy.md. */
synthesize((app) => {
  const stage = readWitness((key) => app.node.tryGetContext(key));
  new WitnessStack(app, physicalName(stage, 'witness'), { stage, env: { account: stage.account, region: stage.region } });
});
