import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { deployedDoors } from '../http/deployed-doors.ts';
import { makeThirdPartyApi } from './handler.ts';

export const handler = makeThirdPartyApi(awsPlatform('third-party-api'), ALL_DEFENCES, deployedDoors);
