import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeIngest } from './handler.ts';

export const handler = makeIngest(awsPlatform('ingest'), ALL_DEFENCES);
