import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeThirdPartyFeed } from './handler.ts';

export const handler = makeThirdPartyFeed(awsPlatform('third-party-feed'), ALL_DEFENCES);
