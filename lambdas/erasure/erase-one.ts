import type { ErasureCommand } from '../../domain/erasure/erasure.ts';
import { type ErasureState, lastOf } from '../../domain/erasure/erasure-state.ts';
import { remainingOf } from '../../domain/erasure/outlook.ts';
import { type ErasedClass, JoulekeepError } from '../../events/index.ts';
import { LINGERING } from '../../topology/personal-data.ts';
import { Consents } from '../consent/consents.ts';
import { clearModels } from './clear-models.ts';
import { destroyCustomersSignIns, type EndingParts, endAccess } from './end-access.ts';
import { daysFreeAt, type ErasureFacts, erasureFacts, isResealOwed, metersAt } from './erasure-facts.ts';
import { decideErasure, erasureState } from './erasure-stream.ts';
import { telemetryLeft } from './telemetry-left.ts';

/** Why an erasure stands where it stands. */
type ErasureWait = KeysWait | 'reseal' | 'lingering' | 'telemetry' | 'silent';
/** What keeps keys from being destroyed. */
export type KeysWait = 'hold' | 'grace' | 'tenancy' | 'law';

export interface ErasureProgress {
  readonly account: string;
  readonly status: ErasureState['status'];
  readonly waitsFor?: ErasureWait;
}

/**
 * Brings one erasure as far as it can go now. What is decided is on record before it is done, and every step can be repeated: a run that
 * broke off between any two is simply run again.
 */
export class Eraser {
  readonly #parts: EndingParts;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  async bring(account: string): Promise<ErasureProgress> {
    const { platform } = this.#parts;
    const facts = await erasureFacts(platform, account);
    await this.#defer(account, facts);
    for (;;) {
      const state = await erasureState(platform, account);
      const waitsFor = await this.#step(account, state, facts);
      if (waitsFor === 'done') return { account, status: state.status };
      if (waitsFor !== undefined) return { account, status: state.status, waitsFor };
    }
  }

  /** What law and contract want is on record, with its end. */
  async #defer(account: string, { tenancyEnd, billsUntil }: ErasureFacts): Promise<void> {
    const at = this.#now();
    const defer = (of: ErasedClass, legalBasis: string, until: number | undefined): ErasureCommand => {
      return { type: 'DeferErasure', class: of, legalBasis, ...(until === undefined ? {} : { until }), at };
    };
    const contract = defer('usage', 'contract: supply, and the last bill', tenancyEnd === undefined ? undefined : daysFreeAt(tenancyEnd));
    // The last bill is not there before the tenancy has ended, and its year not known.
    const law = billsUntil > 0 && tenancyEnd !== undefined ? [defer('billing', 'commercial and tax law', billsUntil)] : [];
    await decideErasure(this.#parts.platform, account, tenancyEnd === 0 ? law : [contract, ...law]);
  }

  /** @returns what it waits for; undefined when it is a step further */
  async #step(account: string, state: ErasureState, facts: ErasureFacts): Promise<ErasureWait | 'done' | undefined> {
    switch (state.status) {
      case 'none':
      case 'complete':
        return 'done';
      case 'requested':
        return waitOf(state, 'usage', facts, this.#now()) ?? (await this.#beginAccessEnd(account, facts));
      case 'access-ending':
        return await this.#record(account, { type: 'EndAccess', ...(await endAccess(this.#parts, account)), at: this.#now() });
      case 'access-ended':
        return state.begun.usage === undefined
          ? (waitOf(state, 'usage', facts, this.#now()) ?? (await this.#destroyUsage(account, facts)))
          : await this.#destroy(account, 'usage');
      case 'keys-destroyed': {
        const items = await clearModels(this.#parts.platform, account, facts.points);
        return await this.#record(account, { type: 'ClearModels', items, at: this.#now() });
      }
      case 'cleared':
        return await this.#tell(account, facts);
      default:
        return await this.#finish(account, state, facts);
    }
  }

  /** The stream says first that access ends: whoever takes the request back, or holds it, is before that, or comes too late. */
  async #beginAccessEnd(account: string, { points }: ErasureFacts): Promise<ErasureWait | undefined> {
    if (await isResealOwed(this.#parts.platform, points)) return 'reseal';
    return await this.#record(account, { type: 'BeginAccessEnd', at: this.#now() });
  }

  async #destroyUsage(account: string, { points }: ErasureFacts): Promise<ErasureWait | undefined> {
    // Days that were this customer's and are another's now must not go with this customer's keys.
    return (await isResealOwed(this.#parts.platform, points)) ? 'reseal' : await this.#destroy(account, 'usage');
  }

  /** The stream says first that it begins: a hold is on record before that, or comes too late. */
  async #destroy(account: string, of: ErasedClass): Promise<undefined> {
    const { keys } = this.#parts.platform;
    await this.#record(account, { type: 'BeginDestruction', of, at: this.#now() });
    const prefix = `${of}/${account}/`;
    if (this.#parts.defences.subjectErasure) for (const { id } of await keys.list(prefix)) await keys.destroy(id);
    return await this.#record(account, { type: 'DestroyKeys', of, rows: await keys.destroyed(prefix), at: this.#now() });
  }

  async #tell(account: string, facts: ErasureFacts): Promise<undefined> {
    const { platform, defences } = this.#parts;
    const at = this.#now();
    const consents = await new Consents(platform, defences).list(account);
    const recipients = [...new Set(consents.map(({ recipient }) => recipient))].sort();
    for (const recipient of recipients) await this.#record(account, { type: 'NotifyRecipient', recipient, at });
    const state = await erasureState(platform, account);
    return await this.#record(account, { type: 'Erase', remaining: remainingNow(state, facts, at), at });
  }

  /** Bills go when the law lets them; then all that is left is to wait, and to look. */
  async #finish(account: string, state: ErasureState, facts: ErasureFacts): Promise<ErasureWait | 'done' | undefined> {
    // Whoever had a key in memory, made a row or gave something away in the same moment, left nothing that lasts.
    if (await this.#sweep(account, state)) return undefined;
    const left = await this.#telemetryLeft(account, state, facts);
    if (state.destroyed.billing === undefined) {
      const waits = state.begun.billing === undefined ? waitOf(state, 'billing', facts, this.#now()) : undefined;
      return waits ?? (await this.#destroy(account, 'billing'));
    }
    const now = this.#now();
    if (now < Math.max(state.erased!.completeAt, lastOf(remainingNow(state, facts, now)))) return 'lingering';
    return left ?? (await this.#record(account, { type: 'Complete', at: now }));
  }

  async #telemetryLeft(account: string, { destroyed }: ErasureState, { points, tenancyEnd }: ErasureFacts) {
    const { platform } = this.#parts;
    const now = this.#now();
    const meters = await metersAt(platform, points);
    return await telemetryLeft(platform, { account, meters, tenancyEnd: tenancyEnd ?? now, since: destroyed.usage ?? now });
  }

  /** Ends and destroys what is there, and was not when that was done: not what the law keeps. @returns whether there was any */
  async #sweep(account: string, { begun }: ErasureState): Promise<boolean> {
    const { platform, defences } = this.#parts;
    if ((await new Consents(platform, defences).revokeAll(account, 'erasure')).length > 0) return true;
    if (!defences.subjectErasure) return false;
    for (const kind of ['usage', 'billing'] as const) {
      if (begun[kind] === undefined || (await platform.keys.list(`${kind}/${account}/`)).length === 0) continue;
      await this.#destroy(account, kind);
      return true;
    }
    return (await destroyCustomersSignIns(this.#parts, account)) > 0;
  }

  async #record(account: string, command: ErasureCommand): Promise<undefined> {
    await decideErasure(this.#parts.platform, account, command);
  }

  #now(): number {
    return this.#parts.platform.clock.now();
  }
}

/** What keeps keys from being destroyed now, by what is on record; undefined where nothing does. @param now UTC ms */
export function waitOf(
  { holds, notBefore, deferred }: ErasureState,
  of: ErasedClass,
  { tenancyEnd }: ErasureFacts,
  now: number,
): KeysWait | undefined {
  if (holds.size > 0) return 'hold';
  if (tenancyEnd === undefined) return 'tenancy';
  if (now < (notBefore ?? 0)) return 'grace';
  return now < (deferred[of]?.until ?? 0) ? 'law' : undefined;
}

/** What is still somewhere, and until when: of what has not happened, by when it will. */
export function remainingNow(state: ErasureState, facts: ErasureFacts, now: number) {
  const { usage, billing } = keysEnd(state, facts, now);
  const { tenancyEnd = now } = facts;
  return remainingOf(LINGERING, { 'tenancy-end': tenancyEnd, 'usage-destroyed': usage, 'billing-destroyed': billing });
}

/** When the keys of the days and of the bills were destroyed, or at the earliest will be, UTC ms; a tenancy that lasts is taken to end now. */
export function keysEnd({ destroyed, deferred, notBefore }: ErasureState, facts: ErasureFacts, now: number): Record<ErasedClass, number> {
  const { tenancyEnd = now, billsUntil } = facts;
  const usage = destroyed.usage ?? Math.max(now, notBefore ?? 0, daysFreeAt(tenancyEnd), deferred.usage?.until ?? 0);
  return { usage, billing: destroyed.billing ?? Math.max(usage, billsUntil, deferred.billing?.until ?? 0) };
}

const WAITING: readonly string[] = ['ERR_ERASURE_HELD', 'ERR_ERASURE_EARLY', 'ERR_ERASURE_UNKNOWN'];

/** Whether a fault is that of an erasure that has to wait, or was taken back, by the decider's own word. */
export function isWaiting(error: unknown): boolean {
  return error instanceof JoulekeepError && WAITING.includes(error.code);
}
