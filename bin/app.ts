import { App } from 'aws-cdk-lib';
import { JoulekeepError } from '../events/errors.ts';
import { guard } from '../lib/guardrails/checks.ts';
import { joulekeep } from '../lib/joulekeep.ts';

/** `npx cdk synth -c stage=dev`: what it makes of a wrong setting is one line, not a trace. */
const app = new App();
try {
  for (const line of joulekeep(app).leftOut) process.stderr.write(`${line}\n`);
  guard(app);
  app.synth();
} catch (error) {
  if (!(error instanceof JoulekeepError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
