import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldKeys, KEY_LIFE_MS, SEGMENT_KEY_LIFE_MS } from '../../platform/store/held-keys.ts';
import { Keyring } from '../../platform/store/keyring.ts';
import { DAY, discard, MINUTE, newState, type TestState } from '../contract/support/state.ts';

const STREAM = 'segment/00000';

describe('the keyring', () => {
  let state: TestState;
  let ring: Keyring;
  beforeEach(async () => {
    state = await newState();
    ring = state.keyring('ingest');
  });
  afterEach(() => {
    state.close();
    discard(state.directory);
  });

  const decrypts = () => state.calls.filter(({ operation }) => operation === 'decrypt').length;

  it.each([
    ['15 minutes', 'meter/a', KEY_LIFE_MS],
    ['15 minutes', 'relay/x', KEY_LIFE_MS],
    ['an hour, that of one segment', STREAM, SEGMENT_KEY_LIFE_MS],
  ])('C10.1-6: an unwrapped key is kept %s, not longer (%s)', async (_, stream, life) => {
    await state.keyring('keys').load(stream);
    await ring.load(stream);
    const { keyId } = ring.sealingKey(stream);
    expect(decrypts()).toBe(1);
    state.clock.advance(life - 1);
    await ring.openingKey(keyId);
    await ring.load(stream);
    expect(decrypts()).toBe(1);
    state.clock.advance(1);
    await ring.openingKey(keyId);
    expect(decrypts()).toBe(2);
    expect(() => ring.sealingKey(stream)).toThrow(expect.objectContaining({ code: 'ERR_STREAM_KEY_COLD' }));
  });

  it('a segment whose batches come every quarter-hour has its key opened every 45 or 60 minutes', async () => {
    await state.keyring('keys').load(STREAM);
    for (let batch = 0; batch < 24; batch++) {
      await ring.load(STREAM);
      ring.sealingKey(STREAM);
      state.clock.advance(15 * MINUTE);
    }
    // By whether what is opened in the background is there when the next batch comes.
    expect([6, 7, 8]).toContain(decrypts());
  });

  it('whose key of a month was exchanged has keys of other months made; who has none left has none made, of any month', async () => {
    const month = (of: string, subject = 'acc-1') => ({ of: 'usage', subject, month: of }) as const;
    const archive = state.keys.as('archive');
    const load = async (subject: ReturnType<typeof month>) => await state.keyring('close-day').prepare([subject]);
    await load(month('2026-01'));
    const [old] = await archive.list('usage/acc-1/2026-01/');
    state.clock.advance(MINUTE);
    await archive.putIfAbsent({ ...old!, id: `usage/acc-1/2026-01/${state.clock.now()}`, createdAt: state.clock.now() });
    await archive.destroy(old!.id);
    await load(month('2026-02'));
    for (const { id } of await archive.list('usage/acc-1/')) await archive.destroy(id);
    for (const gone of ['2025-12', '2026-01', '2026-02', '2026-03'])
      await expect(load(month(gone)), gone).rejects.toMatchObject({ code: 'ERR_SUBJECT_ERASED' });
    await load(month('2026-01', 'acc-10'));
  });

  it('C10.1-6: a key is useless to who has the row but another context, or not the right to unwrap it', async () => {
    await ring.load(STREAM);
    const [row] = await state.keys.as('auditor').list('segment/00000/');
    await expect(state.kms.as('ingest').decrypt('store-kek', row!.wrapped, { row: 'segment/00001/1' })).rejects.toMatchObject({
      code: 'ERR_KMS_INVALID_CIPHERTEXT',
    });
    const operator = state.keyring('operator-cli');
    await expect(operator.openingKey(row!.id)).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
  });

  it('segments have keys of their own, other streams share one per class', async () => {
    for (const stream of ['segment/00000', 'segment/00001', 'meter/a', 'meter/b', 'relay/x']) await ring.load(stream);
    const ids = ['segment/00000', 'segment/00001', 'meter/a', 'meter/b', 'relay/x'].map((stream) => ring.sealingKey(stream).keyId);
    expect(new Set(ids).size).toBe(4);
    expect(ids[2]).toBe(ids[3]);
    expect(ids.map((id) => id.slice(0, -13))).toEqual([
      'segment/00000/',
      'segment/00001/',
      'stream-class/meter/',
      'stream-class/meter/',
      'stream-class/relay/',
    ]);
  });

  it('two writers that start together seal under the same key', async () => {
    const other = state.keyring('keys');
    await Promise.all([ring.load(STREAM), other.load(STREAM), ring.load(STREAM)]);
    expect(ring.sealingKey(STREAM).keyId).toBe(other.sealingKey(STREAM).keyId);
    expect((await state.keys.as('auditor').list('segment/00000/')).length).toBe(1);
  });

  it.each([
    ['segment/00000', 28],
    ['meter/a', 365],
  ])('C10.1-6: %s seals under a new key after %i days, and still opens with the old', async (stream, days) => {
    await ring.load(stream);
    const old = ring.sealingKey(stream).keyId;
    state.clock.advance(days * DAY - 1);
    await ring.load(stream);
    expect(ring.sealingKey(stream).keyId).toBe(old);
    state.clock.advance(1);
    await ring.load(stream);
    expect(ring.sealingKey(stream).keyId > old).toBe(true);
    expect(await ring.openingKey(old)).toBeDefined();
  });

  it('C10.1-6: a destroyed row gives no key, at once when it is forgotten', async () => {
    await ring.load(STREAM);
    const { keyId } = ring.sealingKey(STREAM);
    await state.keys.as('maintenance').destroy(keyId);
    ring.forget(keyId);
    expect(await ring.openingKey(keyId)).toBeUndefined();
    expect(() => ring.sealingKey(STREAM)).toThrow(expect.objectContaining({ code: 'ERR_STREAM_KEY_COLD' }));
  });

  it('holds no more keys than it may, the oldest goes first', async () => {
    const small = new Keyring({ keys: state.keys.as('ingest'), kms: state.kms.as('ingest'), clock: state.clock, capacity: 2 });
    const ids: string[] = [];
    for (const stream of ['segment/00000', 'segment/00001', 'segment/00002']) {
      await small.load(stream);
      ids.push(small.sealingKey(stream).keyId);
    }
    const before = decrypts();
    await small.openingKey(ids[2]!);
    await small.openingKey(ids[1]!);
    expect(decrypts()).toBe(before);
    await small.openingKey(ids[0]!);
    expect(decrypts()).toBe(before + 1);
  });

  it('a key service that fails is named as the cause, and asked again', async () => {
    await state.kms.admin.setEnabled('store-kek', false);
    await ring.load(STREAM);
    expect(() => ring.sealingKey(STREAM)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'ERR_KMS_DISABLED' }) }),
    );
    await state.kms.admin.setEnabled('store-kek', true);
    await ring.load(STREAM);
    expect(ring.sealingKey(STREAM).keyId).toContain(STREAM);
  });
});

describe('keys that are held', () => {
  it('C10.1-6: go when they are past their life, also those that lie behind longer-lived ones', () => {
    let now = 0;
    const held = new HeldKeys<{ openedAt: number }>({ now: () => now }, 10);
    held.set('segment/00000/1', { openedAt: 0 });
    held.set('usage/a/2026-01/1', { openedAt: 0 });
    held.set('segment/00001/1', { openedAt: 0 });
    now = KEY_LIFE_MS;
    expect(held.get('usage/a/2026-01/1')).toBeUndefined();
    expect(held.get('segment/00000/1')).toBeDefined();
    held.sweep();
    now = 0;
    // A clock that goes back would bring back what was only hidden.
    expect(held.get('usage/a/2026-01/1')).toBeUndefined();
    expect(held.get('segment/00001/1')).toBeDefined();
  });
});
