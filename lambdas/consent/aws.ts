import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeConsent } from './handler.ts';

export const handler = makeConsent(awsPlatform('consent'), ALL_DEFENCES);
