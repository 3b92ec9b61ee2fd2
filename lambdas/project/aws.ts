import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeProject } from './handler.ts';

export const handler = makeProject(awsPlatform('project'), ALL_DEFENCES);
