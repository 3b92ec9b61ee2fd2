import { dirname, join } from 'node:path';

export const ROOT = dirname(dirname(import.meta.dirname));

/** Everything a lane installs or writes lies below this folder; deleting it deletes everything. */
export const LANES = join(ROOT, '.lanes');
