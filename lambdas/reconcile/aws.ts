import { awsKmsRecord, awsPlatform } from '../../platform/aws/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { makeReconcile } from './handler.ts';

export const handler = makeReconcile(awsPlatform('reconcile'), awsKmsRecord('reconcile'), ALL_DEFENCES);
