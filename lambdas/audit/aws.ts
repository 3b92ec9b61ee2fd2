import { makeDoorHandler } from '../../platform/aws/doors/door-handler.ts';
import { awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeAudit } from './handler.ts';

export const handler = makeDoorHandler('audit', awsPlatform('auditor'), ALL_DEFENCES, makeAudit);
