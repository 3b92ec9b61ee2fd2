import { RegisteredCallers } from '../../platform/aws/doors/callers.ts';
import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeConsoleApi } from './handler.ts';

const platform = awsPlatform('console-api');
export const handler = makeDoorHandler('console-api', platform, ALL_DEFENCES, makeConsoleApi(new RegisteredCallers(platform.directory)));
