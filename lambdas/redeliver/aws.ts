import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeRedeliver } from '../deliver/handler.ts';

export const handler = makeRedeliver(awsPlatform('deliver'), ALL_DEFENCES);
