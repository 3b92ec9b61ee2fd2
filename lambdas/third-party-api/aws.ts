import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { deployedDoors } from '../http/deployed-doors.ts';
import { makeThirdPartyApi } from './handler.ts';

export const handler = makeDoorHandler('third-party-api', awsPlatform('third-party-api'), ALL_DEFENCES, (platform, defences) =>
  makeThirdPartyApi(platform, defences, deployedDoors),
);
