import { browserKept, wipeBrowser } from './browser-kept.ts';
import type { Config } from './config.ts';
import { language } from './i18n.ts';
import { readAddress } from './router.ts';
import { SealedStore } from './sealed-store.ts';
import { endSignIn, type SignInEnd, type SignInOptions, type SignInWorld, startSignIn } from './sign-in.ts';

/** Says that somebody was signed in here, and nothing about whom. */
const MARK = 'joulekeep-signed-in';

/** What is kept for times without network. */
export const offlineStore = new SealedStore(browserKept);

/** Goes to the identity provider. */
export function beginSignIn(config: Config, { prompt }: Pick<SignInOptions, 'prompt'> = {}): Promise<void> {
  return startSignIn(config, { ...promptOf(prompt, wasSignedIn()), language: language.value }, world());
}

/**
 * Where nobody is signed in whoever comes is asked who they are, even if the provider still knows somebody: that may be who signed out
 * here and left. @param isKnown somebody was signed in here and did not sign out
 */
export function promptOf(asked: SignInOptions['prompt'], isKnown: boolean): Pick<SignInOptions, 'prompt'> {
  const prompt = asked ?? (isKnown ? undefined : 'login');
  return prompt === undefined ? {} : { prompt };
}

/** Ends the sign-in that this address belongs to, and takes what belongs to it out of the address. */
export async function completeSignIn(config: Config): Promise<SignInEnd> {
  const end = await endSignIn(config, world());
  if (end.state !== 'none') {
    history.replaceState(null, '', `/${end.returnTo}`);
    readAddress();
  }
  if (end.state === 'signed-in') {
    // Asked anew who is there, another may have answered than whose answers are kept.
    await offlineStore.belongTo(end.session.person, Date.now());
    localStorage.setItem(MARK, 'yes');
  }
  if (end.state === 'signed-out' && end.reason === 'unknown') await forgetPerson();
  return end;
}

/** Nobody is signed in here any more: what was kept for them goes. */
export async function forgetPerson(): Promise<void> {
  localStorage.removeItem(MARK);
  await offlineStore.clear();
}

/** Whether somebody was signed in here and did not sign out: then a reload asks the provider silently. */
export function wasSignedIn(): boolean {
  return localStorage.getItem(MARK) !== null;
}

function world(): SignInWorld {
  return {
    origin: location.origin,
    search: location.search,
    fragment: location.hash,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    kept: browserKept,
    wipe: wipeBrowser,
    leave: (url) => location.assign(url),
  };
}
