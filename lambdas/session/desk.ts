import type { IdentityProvider } from '../../platform/ports/identity.ts';
import type { Clock, Log, Platform } from '../../platform/ports/platform.ts';
import type { Sessions } from '../../platform/ports/sessions.ts';
import type { SignInLog } from './sign-in-log.ts';

/** What the use cases of sessions work with. */
export interface SessionDesk extends Pick<Platform, 'events' | 'clock'> {
  readonly sessions: Sessions;
  readonly signIns: SignInLog;
  readonly identity: IdentityProvider;
  /** That browsers go by. */
  readonly wall: Clock;
  readonly log: Log;
  /** Of the request: the token that it came with, and what the browser calls itself. */
  readonly token: string | undefined;
  readonly userAgent: string;
}
