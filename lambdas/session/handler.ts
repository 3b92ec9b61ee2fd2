import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { IdentityProvider } from '../../platform/ports/identity.ts';
import type { Clock, Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall } from '../http/desk.ts';
import type { SessionDesk } from './desk.ts';
import { USE_CASES } from './routes.ts';
import { SignInLog } from './sign-in-log.ts';

/** What sessions are made with besides a platform. */
interface SessionMaking {
  /** The clock that browsers go by; default the platform's. */
  readonly wall?: Clock;
  /** Shared with a provider in the same process; default one of its own. */
  readonly signIns?: SignInLog;
}

/** Sessions of people who signed in with the identity provider. @source X.1332 9.2, 10.2 */
export function makeSession(platform: Platform, identity: IdentityProvider, making: SessionMaking = {}): ApiHandler {
  const { wall = platform.clock, signIns = new SignInLog(platform) } = making;
  return apiHandler('session', platform, ({ log, events, clock, ...logged }) => {
    const sessions = new Sessions({ ...logged, clock, wall });
    return async (event) => {
      const answer = await answerCall({ sessions, signIns, identity, events, clock, wall, log, ...headersOf(event) }, event, USE_CASES);
      // A function is stopped as soon as it has answered.
      await signIns.settled();
      return answer;
    };
  });
}

function headersOf({ headers }: APIGatewayProxyEvent): Pick<SessionDesk, 'token' | 'userAgent'> {
  const [, token] = /^DPoP (\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  return { token, userAgent: headers['user-agent'] ?? '' };
}
