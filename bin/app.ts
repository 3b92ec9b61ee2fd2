import { joulekeep } from '../lib/joulekeep.ts';
import { synthesize } from './synthesize.ts';

/** `npx cdk synth -c stage=dev`. */
synthesize((app) => {
  for (const line of joulekeep(app).leftOut) process.stderr.write(`${line}\n`);
});
