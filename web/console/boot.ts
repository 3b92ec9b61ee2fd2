import { signal } from '@preact/signals';
import { beginSignIn, completeSignIn, wasSignedIn } from '../shared/browser.ts';
import { type Config, loadConfig } from '../shared/config.ts';
import { followAddress } from '../shared/router.ts';
import type { Session } from '../shared/session.ts';

/** How far the console is on its way to a session. */
export type Stage =
  | { readonly stage: 'starting' }
  | { readonly stage: 'unreachable' }
  | { readonly stage: 'signed-out'; readonly config: Config; readonly why?: 'refused' | 'failed' | 'offline' }
  | { readonly stage: 'signed-in'; readonly config: Config; readonly session: Session };

export const stage = signal<Stage>({ stage: 'starting' });

/** Ends a sign-in under way; else asks the provider silently, where somebody was signed in before; else waits for the button. */
export async function boot(): Promise<void> {
  stage.value = { stage: 'starting' };
  const config = await loadConfig().catch(() => undefined);
  if (config === undefined) {
    stage.value = { stage: 'unreachable' };
    return;
  }
  const end = await completeSignIn(config);
  followAddress();
  if (end.state === 'signed-in') stage.value = { stage: 'signed-in', config, session: end.session };
  else if (end.state === 'none' && wasSignedIn()) await beginSignIn(config, { prompt: 'none' });
  else {
    const why = end.state === 'none' || end.reason === 'unknown' ? {} : { why: end.reason };
    stage.value = { stage: 'signed-out', config, ...why };
  }
}
