import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeErasure } from './handler.ts';

export const handler = makeErasure(awsPlatform('erasure'), ALL_DEFENCES);
