import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { consentGates } from '../deliver/consent-gate.ts';
import { makeRedeliver } from '../deliver/handler.ts';

const platform = awsPlatform('deliver');
export const handler = makeRedeliver(platform, ALL_DEFENCES, consentGates(platform, ALL_DEFENCES));
