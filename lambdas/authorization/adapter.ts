import { type Adapter, errors } from 'oidc-provider';
import type { BearerPayload, BearerStore } from '../../platform/ports/bearer-store.ts';

/** What is written once, and marked when it is used. */
const ONCE: ReadonlySet<string> = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'PushedAuthorizationRequest']);
/** Marks outlive what they mark. */
const USED_SECONDS = 91 * 86_400;
const REVOKED_SECONDS = 400 * 86_400;

/** Finds a client's metadata by its id. */
export type FindClient = (clientId: string) => Promise<Readonly<Record<string, unknown>> | undefined>;

/**
 * Where the authorization server keeps what it gave out. Sessions are not kept: nobody stays signed in here. Whatever belongs to a
 * grant is gone when the grant is revoked, found by the mark alone. A code, a request or a refresh token is used once even when two
 * come at the same moment: whoever comes second ends the grant.
 */
export function adapterOf(store: BearerStore, findClient: FindClient): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return { ...NOTHING, find: async (id) => copyOf(await findClient(id)) };
    if (ONCE.has(model)) return onceAdapter(store, model);
    return model === 'Interaction' || model === 'Grant' ? changingAdapter(store, model) : NOTHING;
  };
}

const NOTHING: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};

function onceAdapter(store: BearerStore, model: string): Adapter {
  const used = `used-${model}`;
  const find = async (id: string) => {
    const payload = await store.find(model, id);
    if (payload === undefined || (await isRevoked(store, payload))) return undefined;
    const consumed = await store.claimedAt(used, id);
    return { ...payload, jti: id, ...(consumed !== undefined && { consumed: Math.floor(consumed / 1_000) }) };
  };
  return {
    ...NOTHING,
    find,
    upsert: (id, payload, seconds = 0) => store.add(model, id, withoutId(payload), seconds),
    consume: async (id) => {
      if (await store.claim(used, id, USED_SECONDS)) return;
      const grantId = (await store.find(model, id))?.['grantId'];
      if (typeof grantId === 'string') await revokeGrant(store, grantId);
      throw new errors.InvalidGrant('used twice');
    },
    destroy: (id) => store.destroy(model, id),
    revokeByGrantId: (grantId) => revokeGrant(store, grantId),
  };
}

function changingAdapter(store: BearerStore, model: string): Adapter {
  return {
    ...NOTHING,
    find: async (id) => {
      const payload = await store.look(model, id);
      if (payload === undefined || (model === 'Grant' && (await store.claimedAt('revoked', id)) !== undefined)) return undefined;
      return { ...payload, jti: id };
    },
    upsert: (id, payload, seconds = 0) => store.put(model, id, withoutId(payload), seconds),
    destroy: (id) => store.forget(model, id),
  };
}

async function revokeGrant(store: BearerStore, grantId: string): Promise<void> {
  await store.claim('revoked', grantId, REVOKED_SECONDS);
}

/** Whether the grant that something belongs to was revoked. */
export async function isRevoked(store: BearerStore, payload: BearerPayload): Promise<boolean> {
  const { grantId } = payload;
  return typeof grantId === 'string' && (await store.claimedAt('revoked', grantId)) !== undefined;
}

/** The secret itself is not written. */
function withoutId({ jti: _, ...payload }: Record<string, unknown>): BearerPayload {
  return payload;
}

function copyOf(metadata: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  return metadata && { ...metadata };
}
