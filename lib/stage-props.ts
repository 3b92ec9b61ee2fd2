import type { Environment } from 'aws-cdk-lib';
import type { Stage } from './stage.ts';

/** What every stack is made with. */
export interface StageProps {
  readonly stage: Stage;
  readonly env?: Environment;
}
