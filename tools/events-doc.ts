import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncApiPage } from './asyncapi.ts';
import { eventsPage } from './events-page.ts';

/** `npm run events`: writes docs/events.md and docs/asyncapi.yaml from events/catalogue/. A test says whether they are current. */
const docs = join(import.meta.dirname, '../docs');
writeFileSync(join(docs, 'events.md'), eventsPage());
writeFileSync(join(docs, 'asyncapi.yaml'), asyncApiPage());
