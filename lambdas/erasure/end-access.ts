import type { SubjectAccessEnded } from '../../events/index.ts';
import type { SignIns } from '../../platform/ports/identity.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import type { Defences } from '../../topology/defences.ts';
import { Consents } from '../consent/consents.ts';
import { closeAccount } from '../register/tenancy.ts';
import { destroySignIns } from '../shared/access/sign-in-streams.ts';

export interface EndingParts {
  readonly platform: Platform;
  readonly defences: Defences;
  /** Absent: people look after the identity provider. */
  readonly signIns?: SignIns;
}

/**
 * Ends what a customer can do here, and others may have of theirs, when that is decided: first what makes anything new, then what there is.
 * Can be repeated; what it counts is what this call ended.
 * @throws ERR_TENANCY_LASTS where one was begun in the same moment: nothing else is ended then
 */
export async function endAccess(parts: EndingParts, account: string): Promise<Omit<SubjectAccessEnded, 'at'>> {
  const { platform, defences, signIns } = parts;
  await closeAccount(platform, account);
  const sessions = await new Sessions({ ...platform, wall: platform.clock }).bar({ role: 'customer', person: account });
  const removed = await signIns?.removeCustomer(account);
  const consents = await new Consents(platform, defences).revokeAll(account, 'erasure');
  await destroyCustomersSignIns(parts, account);
  return { consents: consents.length, sessions, ...(removed === undefined ? {} : { signIns: removed }) };
}

/** Who came in as the customer: nothing has to keep it. @returns how many rows there were */
export async function destroyCustomersSignIns({ platform, defences }: EndingParts, account: string): Promise<number> {
  if (!defences.subjectErasure) return 0;
  return (await destroySignIns(platform.keys, { role: 'customer', person: account }, platform.clock.now())).length;
}
