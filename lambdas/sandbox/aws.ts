import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeSandbox } from './handler.ts';

// The door has a clock and a log; what answers has neither.
export const handler = makeDoorHandler('sandbox', awsPlatform('sandbox'), ALL_DEFENCES, () => makeSandbox());
