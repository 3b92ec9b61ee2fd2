import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeRelay } from './handler.ts';

export const handler = makeRelay(awsPlatform('relay'), ALL_DEFENCES);
