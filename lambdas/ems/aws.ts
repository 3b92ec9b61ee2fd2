import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeEms } from './handler.ts';

export const handler = makeEms(awsPlatform('ems'), ALL_DEFENCES, async () => undefined);
