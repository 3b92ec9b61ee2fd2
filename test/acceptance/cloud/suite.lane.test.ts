import { acceptanceSuite } from '../suite/suite.ts';
import { cloudTarget } from './target.ts';

acceptanceSuite(cloudTarget(process.env['JOULEKEEP_AWS_ENDPOINT'] ?? ''));
