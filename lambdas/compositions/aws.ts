import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeCompositions } from '../project/handler.ts';

export const handler = makeCompositions(awsPlatform('project'), ALL_DEFENCES);
