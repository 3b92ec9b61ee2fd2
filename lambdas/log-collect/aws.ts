import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeLogCollect } from '../log/handler.ts';

export const handler = makeLogCollect(awsPlatform('log'), ALL_DEFENCES);
