import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiPage } from './openapi.ts';

/** `npm run openapi`: writes docs/openapi.yaml from topology/routes.ts and api/. A test says whether it is current. */
writeFileSync(join(import.meta.dirname, '../docs/openapi.yaml'), openApiPage());
