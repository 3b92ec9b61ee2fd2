import { App } from 'aws-cdk-lib';
import { StateStack } from './state-stack.ts';
import { WiringStack } from './wiring-stack.ts';

/** A small app that shows what a lane can carry: one of each kind of resource that the service is made of. */
const app = new App();
const env = { account: '000000000000', region: 'eu-central-1' };
new StateStack(app, 'joulekeep-proof-state', { env });
new WiringStack(app, 'joulekeep-proof-wiring', { env });
app.synth();
