import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeDeidentify } from './handler.ts';

export const handler = makeDeidentify(awsPlatform('deidentify'), ALL_DEFENCES);
