import type { SignInAccounts, WhoseSignIn } from '../../platform/embedded/identity/accounts.ts';
import { TOWN_CUSTOMER } from './audience-views.ts';

/** Who can sign in to a town that is played. */
const DEMONSTRATION: Readonly<Record<string, WhoseSignIn>> = {
  'demo-customer': { kind: 'customer', account: TOWN_CUSTOMER },
  'demo-operator': { kind: 'person', role: 'operator' },
  'demo-supervisor': { kind: 'person', role: 'supervisor' },
  'demo-auditor': { kind: 'person', role: 'auditor' },
  'demo-security-officer': { kind: 'person', role: 'security-officer' },
};

/** Makes those that are not there yet, and says how each signs in; a passphrase is said once. */
export async function seedSignIns(identity: SignInAccounts, say: (line: string) => void): Promise<void> {
  for (const [name, whose] of Object.entries(DEMONSTRATION)) {
    const passphrase = identity.find(name) === undefined ? await identity.add(name, whose) : undefined;
    say(
      `  ${name.padEnd(22)} ${passphrase ?? 'passphrase as it was told the first time; npm run joulekeep -- sign-in reset makes another'}`,
    );
  }
}
