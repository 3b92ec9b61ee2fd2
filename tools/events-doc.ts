import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsPage } from './events-page.ts';

/** `npm run events`: writes docs/events.md from events/catalogue/. A test says whether it is current. */
writeFileSync(join(import.meta.dirname, '../docs/events.md'), eventsPage());
