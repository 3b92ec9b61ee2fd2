import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeLogCheck } from './handler.ts';

export const handler = makeLogCheck(awsPlatform('log-check'), ALL_DEFENCES);
