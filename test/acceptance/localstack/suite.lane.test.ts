import { acceptanceSuite } from '../suite/suite.ts';
import { LOCALSTACK } from './world.ts';

acceptanceSuite(LOCALSTACK);
