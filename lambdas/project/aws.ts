import { makePatient } from '../../platform/aws/patient-feed.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeProject } from './handler.ts';

const platform = awsPlatform('project');

export const handler = makePatient('project', platform, makeProject(platform, ALL_DEFENCES));
