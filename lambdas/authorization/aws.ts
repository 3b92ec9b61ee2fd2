import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { NOBODY_SIGNED_IN } from '../../platform/ports/customer-sign-in.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { deployedDoors } from '../http/deployed-doors.ts';
import { makeAuthorization } from './handler.ts';

export const handler = makeDoorHandler('authorization', awsPlatform('authorization'), ALL_DEFENCES, (platform, defences) =>
  makeAuthorization(platform, defences, { doors: deployedDoors, signIn: NOBODY_SIGNED_IN }),
);
