import { acceptanceSuite } from '../suite/suite.ts';
import { awsTarget } from './target.ts';

acceptanceSuite(awsTarget(process.env['AWS_REGION'] ?? ''));
