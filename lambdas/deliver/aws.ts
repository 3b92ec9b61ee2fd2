import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { consentGates } from './consent-gate.ts';
import { makeDeliver } from './handler.ts';

const platform = awsPlatform('deliver');
export const handler = makeDeliver(platform, ALL_DEFENCES, consentGates(platform, ALL_DEFENCES));
