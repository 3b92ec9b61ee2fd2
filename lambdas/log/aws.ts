import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeLog } from './handler.ts';

export const handler = makeLog(awsPlatform('log'), ALL_DEFENCES);
