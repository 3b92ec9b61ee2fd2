import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { expectedDemand } from '../forecast/expected-demand.ts';
import { makeEms } from './handler.ts';

const platform = awsPlatform('ems');
export const handler = makeEms(platform, ALL_DEFENCES, expectedDemand(platform));
