import type { FuzzTarget } from './target.ts';
import { CERTIFICATE_TARGETS } from './targets/certificates.ts';
import { FILE_TARGETS } from './targets/files.ts';
import { FRAME_TARGETS } from './targets/frames.ts';
import { HANDSHAKE_TARGETS } from './targets/handshake.ts';
import { REQUEST_TARGETS } from './targets/requests.ts';
import { STORED_TARGETS } from './targets/stored.ts';
import { TOKEN_TARGETS } from './targets/tokens.ts';

/** Everything that reads what a stranger may have written. */
export const TARGETS: readonly FuzzTarget[] = [
  ...FRAME_TARGETS,
  ...HANDSHAKE_TARGETS,
  ...REQUEST_TARGETS,
  ...TOKEN_TARGETS,
  ...CERTIFICATE_TARGETS,
  ...FILE_TARGETS,
  ...STORED_TARGETS,
];
