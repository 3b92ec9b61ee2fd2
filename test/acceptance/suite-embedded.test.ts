import { EMBEDDED } from './suite/embedded.ts';
import { acceptanceSuite } from './suite/suite.ts';

acceptanceSuite(EMBEDDED);
