import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeReseals } from './handler.ts';

export const handler = makeReseals(awsPlatform('archive'));
