import { makePatient } from '../../platform/aws/patient-feed.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeRelay } from './handler.ts';

const platform = awsPlatform('relay');

export const handler = makePatient('relay', platform, makeRelay(platform, ALL_DEFENCES));
