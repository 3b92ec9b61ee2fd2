import { signal } from '@preact/signals';
import { beginSignIn, completeSignIn, forgetPerson, wasSignedIn } from '../shared/browser.ts';
import { type Config, loadConfig } from '../shared/config.ts';
import { type Caller, NOT_REACHED, type Session } from '../shared/session.ts';

/** Where the portal is with the person in front of it. */
export type Phase =
  | { readonly at: 'starting' }
  | { readonly at: 'not-started' }
  | { readonly at: 'signed-out'; readonly config: Config; readonly why?: 'refused' | 'failed' | 'offline' | 'ended' }
  | { readonly at: 'inside'; readonly config: Config; readonly caller: Caller; readonly session?: Session };

export const phase = signal<Phase>({ at: 'starting' });

/** Without network nobody is asked. */
const NOBODY: Caller = { request: async () => NOT_REACHED };

/** From the address to whoever is signed in: a sign-in that ends, one that goes on, or the page with the button. */
export async function begin(): Promise<void> {
  try {
    await beginWith(await loadConfig());
  } catch {
    phase.value = { at: 'not-started' };
  }
}

async function beginWith(config: Config): Promise<void> {
  const end = await completeSignIn(config);
  if (end.state === 'signed-in') enter(config, end.session);
  else if (end.state === 'signed-out') {
    const { reason } = end;
    phase.value = reason === 'unknown' ? { at: 'signed-out', config } : { at: 'signed-out', config, why: reason };
  } else if (!wasSignedIn()) phase.value = { at: 'signed-out', config };
  else if (navigator.onLine) await beginSignIn(config, { prompt: 'none' });
  else phase.value = { at: 'inside', config, caller: NOBODY };
}

function enter(config: Config, session: Session): void {
  phase.value = { at: 'inside', config, caller: session, session };
  session.ended.subscribe((ended) => {
    if (!ended) return;
    phase.value = session.isLeaving ? { at: 'signed-out', config } : { at: 'signed-out', config, why: 'ended' };
    if (!session.isLeaving) void forgetPerson();
  });
}
