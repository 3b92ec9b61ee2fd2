import { App } from 'aws-cdk-lib';
import { JoulekeepError } from '../events/errors.ts';
import { guard } from '../lib/guardrails/checks.ts';

/** Synthesizes what is put into an application, behind the guardrails; what it makes of a wrong setting is one line, not a trace. */
export function synthesize(build: (app: App) => void): void {
  const app = new App();
  try {
    build(app);
    guard(app);
    app.synth();
  } catch (error) {
    if (!(error instanceof JoulekeepError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
