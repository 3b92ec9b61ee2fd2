import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeEdit } from './handler.ts';

export const handler = makeEdit(awsPlatform('editing'), ALL_DEFENCES);
