import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventsPage } from './events-page.ts';

/** `npm run events`: writes docs/events.md from events/catalogue/; `-- --check` fails when it is not current. */
const FILE = join(import.meta.dirname, '../docs/events.md');

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
if (values.check) {
  if (readFileSync(FILE, 'utf8') !== eventsPage()) {
    process.stderr.write('docs/events.md is not current: npm run events\n');
    process.exitCode = 1;
  }
} else writeFileSync(FILE, eventsPage());
