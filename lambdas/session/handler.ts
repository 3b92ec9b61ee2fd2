import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { IdentityProvider } from '../../platform/ports/identity.ts';
import type { Clock, Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import type { SessionDesk } from './desk.ts';
import { beginSession, endOtherSession, endSession, endSessionsOf, listSessions, renewSession } from './use-cases.ts';

const USE_CASES: UseCases<'session', SessionDesk> = {
  beginSession: (desk, call) => beginSession(desk, 'portal', call),
  beginConsoleSession: (desk, call) => beginSession(desk, 'console', call),
  renewSession,
  renewConsoleSession: renewSession,
  endSession,
  endConsoleSession: endSession,
  endSessionsOf,
  listSessions,
  endOtherSession,
};

/** Sessions of people who signed in with the identity provider. @param wall the clock that browsers go by @source X.1332 9.2, 10.2 */
export function makeSession(platform: Platform, identity: IdentityProvider, wall: Clock = platform.clock): ApiHandler {
  return apiHandler('session', platform, ({ log, ...logged }) => {
    const sessions = new Sessions({ ...logged, wall });
    return (event) => answerCall({ sessions, identity, wall, log, ...headersOf(event) }, event, USE_CASES);
  });
}

function headersOf({ headers }: APIGatewayProxyEvent): Pick<SessionDesk, 'token' | 'userAgent'> {
  const [, token] = /^DPoP (\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  return { token, userAgent: headers['user-agent'] ?? '' };
}
