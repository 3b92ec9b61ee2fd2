import { RemovalPolicy } from 'aws-cdk-lib';
import type { Stage } from '../stage.ts';

/** What becomes of something when its stack goes. */
export function removalOf(stage: Stage): RemovalPolicy {
  return stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
