import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { cognitoIdentity } from '../../platform/aws/identity.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeSession } from './handler.ts';

export const handler = makeDoorHandler('session', awsPlatform('session'), ALL_DEFENCES, (platform) =>
  makeSession(platform, cognitoIdentity(platform, ALL_DEFENCES)),
);
