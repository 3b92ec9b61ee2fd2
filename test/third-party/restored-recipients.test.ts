import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Webhook } from '../../api/third-party.ts';
import type { RecipientCommand } from '../../domain/recipient/recipient.ts';
import { deliveryState, endEndpoint, setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { erasureStanding, requestErasure } from '../../lambdas/erasure/ask.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { openAccount } from '../../lambdas/register/tenancy.ts';
import { partyFeed } from '../../lambdas/shared/feeds/feed-names.ts';
import { changeRecipient, findRecipient, maySpeak } from '../../lambdas/shared/feeds/recipients.ts';
import { keepWord } from '../../lambdas/shared/kept-words.ts';
import { setWebhook } from '../../lambdas/third-party-api/webhook.ts';
import { backUp, putBack, restored } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { appendless } from '../support/appendless.ts';
import { ManualClock } from '../support/memory-platform.ts';

const ID = 'watt-advice';
const [FIRST, SECOND] = ['ab'.repeat(32), 'cd'.repeat(32)];
const ENDPOINT = { recipient: ID, feed: 'billing/bills' };
const clock = new ManualClock(Date.UTC(2026, 0, 15, 9));
let place: string;
let state: string;
let backups: number;
let platform: Embedded;

const open = async () => {
  platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
};
type Untimed<C> = C extends { readonly at: number } ? Omit<C, 'at'> : never;
const change = async (command: Untimed<RecipientCommand>) => {
  clock.advance(60_000);
  await changeRecipient(platform.as('enrol'), ID, { ...command, at: clock.now() } as RecipientCommand);
};
const suspend = () => change({ type: 'SuspendRecipient', reason: 'an incident' });
const resume = () => change({ type: 'ResumeRecipient' });
const webhook = (url: string, types = ['t']) => change({ type: 'SetWebhook', url, types });
const found = async () => (await findRecipient(platform.as('enrol').events, ID))!;

beforeEach(async () => {
  place = temporaryDirectory();
  state = join(place, 'state');
  backups = 0;
  await open();
  await change({ type: 'RegisterRecipient', recipientId: ID, name: 'Watt Advice', redirectUris: ['https://a.example/cb'] });
  await change({ type: 'AddCertificate', fingerprint: FIRST });
  await change({ type: 'AddCertificate', fingerprint: SECOND });
});
afterEach(async () => {
  await platform.close();
  discard(place);
});

async function backup(): Promise<string> {
  const to = join(place, `backup-${backups++}`);
  await backUp(state, to, clock.now());
  return to;
}

async function restore(from: string): Promise<void> {
  clock.advance(60_000);
  await platform.close();
  await putBack(from, state, clock.now());
  await restored(state);
  await open();
  await afterRestore(platform.as('maintenance'));
}

async function eventsOf(stream: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { events } of platform.as('auditor').events.read(stream)) types.push(...events.map(({ type }) => type));
  return types;
}

it('R9.3-4: a third party that was suspended after the backup is suspended after a restore, from when it was, and the stream says so once', async () => {
  const from = await backup();
  await suspend();
  const at = clock.now();
  for (let time = 0; time < 2; time++) {
    await restore(from);
    await afterRestore(platform.as('maintenance'));
    expect(maySpeak(await found(), FIRST)).toBe(false);
    const said: unknown[] = [];
    for await (const { events } of platform.as('auditor').events.read(`recipient/${ID}`))
      said.push(...events.filter(({ type }) => type === 'RecipientSuspended'));
    expect(said).toEqual([{ type: 'RecipientSuspended', data: { reason: 'an incident', at } }]);
  }
});

it('R9.3-4: one that goes on again by decision is not suspended by a restore, to either side of it, and a word alone lets none go on', async () => {
  const before = await backup();
  await suspend();
  const between = await backup();
  await resume();
  const after = await backup();
  await restore(before);
  expect((await found()).status).toBe('active');
  await restore(after);
  expect((await found()).status).toBe('active');
  await restore(between);
  expect((await found()).status).toBe('suspended');
  await resume();
  await suspend();
  await restore(before);
  expect((await found()).status).toBe('suspended');
});

it('R9.3-4: a suspension whose process ended before its event is so after a restore; a resumption whose process did is not', async () => {
  const from = await backup();
  const dies = async (command: Untimed<RecipientCommand>) => {
    clock.advance(60_000);
    const { events, keys } = platform.as('enrol');
    const dying = { events: appendless(events), keys, clock };
    await expect(changeRecipient(dying, ID, { ...command, at: clock.now() } as RecipientCommand)).rejects.toThrow('gone');
  };
  await dies({ type: 'SuspendRecipient', reason: 'an incident' });
  await restore(from);
  expect((await found()).status).toBe('suspended');
  await dies({ type: 'ResumeRecipient' });
  await restore(from);
  expect((await found()).status).toBe('suspended');
});

it('R9.3-4: a certificate that was withdrawn after the backup speaks for nobody after a restore; one that was added again does', async () => {
  const from = await backup();
  await change({ type: 'WithdrawCertificate', fingerprint: FIRST });
  await change({ type: 'WithdrawCertificate', fingerprint: SECOND });
  await change({ type: 'AddCertificate', fingerprint: SECOND });
  const later = await backup();
  await restore(from);
  expect((await found()).certificates).toEqual([]);
  await restore(later);
  expect((await found()).certificates).toEqual([SECOND]);
});

it('R9.3-4: files are sealed to the key that took the place of another, and nothing is told where it was told no more', async () => {
  const [old, fresh] = [0, 1].map(() => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  });
  await change({ type: 'SetSealingKey', spki: old! });
  await webhook('https://a.example/old');
  const from = await backup();
  await change({ type: 'SetSealingKey', spki: fresh! });
  await webhook('https://a.example/new');
  const moved = await backup();
  await webhook('https://a.example/new', []);
  await restore(from);
  expect(await found()).toMatchObject({ sealingKey: fresh, endpoint: { url: 'https://a.example/new', types: [] } });
  await restore(moved);
  expect(await found()).toMatchObject({ endpoint: { url: 'https://a.example/new', types: [] } });
  // What is refused is no word, and holds up no restore.
  await expect(webhook('http://a.example/plain')).rejects.toMatchObject({ code: 'ERR_RECIPIENT_INVALID' });
  await restore(from);
  expect((await found()).endpoint?.types).toEqual([]);
});

it('of a third party that the backup does not know nothing is said', async () => {
  const from = await backup();
  const other = { type: 'RegisterRecipient', recipientId: 'other', name: 'Other', redirectUris: ['https://b.example/'], at: clock.now() };
  await changeRecipient(platform.as('enrol'), 'other', other as RecipientCommand);
  await changeRecipient(platform.as('enrol'), 'other', { type: 'SuspendRecipient', reason: 'an incident', at: clock.now() });
  await restore(from);
  expect(await eventsOf('recipient/other')).toEqual([]);
});

it('R9.3-4: what is pushed no more, or elsewhere, since the backup is so after a restore', async () => {
  const set = async (url: string) => {
    clock.advance(60_000);
    await setEndpoint(platform.as('deliver'), { ...ENDPOINT, url }, 'ann');
  };
  const end = async () => {
    clock.advance(60_000);
    await endEndpoint(platform.as('deliver'), ENDPOINT, 'contract over', 'ann');
  };
  const standing = async () => {
    const { status, url } = await deliveryState(platform.as('deliver'), ENDPOINT);
    return [status, url];
  };
  const none = await backup();
  await set('https://b.example/old');
  const from = await backup();
  await set('https://b.example/new');
  const moved = await backup();
  await restore(from);
  expect(await standing()).toEqual(['open', 'https://b.example/new']);
  await end();
  for (const back of [from, moved]) {
    await restore(back);
    await afterRestore(platform.as('maintenance'));
    expect((await standing())[0]).toBe('ended');
    expect((await eventsOf(`delivery/${ID}/billing/bills`)).filter((type) => type === 'EndpointEnded')).toHaveLength(1);
  }
  await restore(none);
  expect((await standing())[0]).toBe('unset');
});

it('R9.3-4: what is so already leaves nothing more behind: one row beside the stream for each change of it', async () => {
  for (let time = 0; time < 20; time++) {
    await webhook('https://a.example/hook');
    await suspend();
    await change({ type: 'WithdrawCertificate', fingerprint: FIRST });
    await setEndpoint(platform.as('deliver'), { ...ENDPOINT, url: 'https://b.example/in' }, 'ann');
  }
  for (let time = 0; time < 20; time++) await endEndpoint(platform.as('deliver'), ENDPOINT, 'contract over', 'ann');
  const said = (await platform.as('maintenance').keys.list('kept/')).map(({ wrapped }) => JSON.parse(wrapped.toString()).said as string);
  expect(said.sort()).toEqual(['ended', 'set', 'suspended', 'webhook', 'withdrawn']);
});

it('C10.1-7: whoever serves third parties can say no word about erasures, consents, devices or other feeds, nor that anybody is cut off', async () => {
  await openAccount(platform.as('enrol'), 'acc-1');
  await requestErasure(platform.as('erasure'), 'acc-1', { by: 'customer' });
  await setEndpoint(platform.as('deliver'), { ...ENDPOINT, url: 'https://bills.example/in' }, 'clerk');
  const from = await backup();
  clock.advance(60_000);
  const [door, at] = [platform.as('third-party-api'), clock.now()];
  const denied = { code: 'ERR_KEY_TABLE_ACCESS_DENIED' };
  const elsewhere = { said: 'set', ...ENDPOINT, url: 'https://evil.example/in', by: 'clerk', at } as const;
  await expect(keepWord(door, 'erasure', 'acc-1', { said: 'withdrawn', by: 'customer', at })).rejects.toMatchObject(denied);
  await expect(keepWord(door, 'delivery', `${ID}/${ENDPOINT.feed}`, elsewhere)).rejects.toMatchObject(denied);
  await expect(keepWord(door, 'consent', 'c1', { said: 'revoked', by: 'customer', at })).rejects.toMatchObject(denied);
  await expect(keepWord(door, 'recipient', ID, { said: 'suspended', reason: 'evil', at })).rejects.toMatchObject(denied);
  await expect(keepWord(door, 'meter', 'm1', { said: 'retired', at })).rejects.toMatchObject(denied);
  await restore(from);
  expect((await erasureStanding(platform.as('erasure'), 'acc-1')).state.status).toBe('requested');
  expect((await deliveryState(platform.as('deliver'), ENDPOINT)).url).toBe('https://bills.example/in');
});

it('R9.3-4: where a third party says itself that it is told is so after a restore', async () => {
  const say = async (url: string, types: readonly string[]) => {
    clock.advance(60_000);
    await setWebhook(platform.as('third-party-api'), await found(), { url, types: [...types] } as Webhook);
  };
  const told = async () => {
    const { status, url } = await deliveryState(platform.as('deliver'), { recipient: ID, feed: partyFeed(ID) });
    return [status, url, (await found()).endpoint?.url];
  };
  await say('https://a.example/old', ['consent.ended.v1']);
  const from = await backup();
  await say('https://a.example/new', ['consent.ended.v1']);
  await restore(from);
  expect(await told()).toEqual(['open', 'https://a.example/new', 'https://a.example/new']);
  await say('https://a.example/new', []);
  await restore(from);
  expect((await told())[0]).toBe('ended');
});
