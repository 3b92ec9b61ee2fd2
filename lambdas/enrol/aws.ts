import { awsPendingCertificates, awsPlatform } from '../../platform/aws/platform.ts';
import { makeEnrol } from './handler.ts';

export const handler = makeEnrol(awsPlatform('enrol'), awsPendingCertificates('enrol'));
