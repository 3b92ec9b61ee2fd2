import type { UseCases } from '../http/desk.ts';
import { beginSession } from './begin-session.ts';
import type { SessionDesk } from './desk.ts';
import { listPersonSignIns } from './person-sign-ins.ts';
import { listSignIns } from './sign-ins.ts';
import { endOtherSession, endSession, endSessionsOf, listSessions, renewSession } from './use-cases.ts';

/** What answers each route of the function. */
export const USE_CASES: UseCases<'session', SessionDesk> = {
  beginSession: (desk, call) => beginSession(desk, 'portal', call),
  beginConsoleSession: (desk, call) => beginSession(desk, 'console', call),
  renewSession,
  renewConsoleSession: renewSession,
  endSession,
  endConsoleSession: endSession,
  endSessionsOf,
  listSessions,
  endOtherSession,
  listSignIns,
  listPersonSignIns,
};
