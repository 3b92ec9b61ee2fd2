import { offlineRoot } from '../../platform/aws/offline-root.ts';
import { awsKeyClockwork, awsPlatform } from '../../platform/aws/platform.ts';
import { makeKeyDuties } from '../maintenance/key-duties.ts';

const operator = awsPlatform('operator-cli');

export const handler = makeKeyDuties(operator, awsKeyClockwork('operator-cli'), offlineRoot(operator.objects));
