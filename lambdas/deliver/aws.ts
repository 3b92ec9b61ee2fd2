import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeDeliver } from './handler.ts';

export const handler = makeDeliver(awsPlatform('deliver'), ALL_DEFENCES);
