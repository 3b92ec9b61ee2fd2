import { awsPlatform } from '../../platform/aws/platform.ts';
import { makeMaintenance } from './handler.ts';

export const handler = makeMaintenance(awsPlatform('maintenance'));
