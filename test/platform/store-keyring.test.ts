import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY_LIFE_MS, Keyring } from '../../platform/store/keyring.ts';
import { DAY, discard, newState, type TestState } from '../contract/support/state.ts';

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

  it('C10.1-6: an unwrapped key is kept 15 minutes, not longer', async () => {
    await state.keyring('keys').load(STREAM);
    await ring.load(STREAM);
    const { keyId } = ring.sealingKey(STREAM);
    expect(decrypts()).toBe(1);
    state.clock.advance(KEY_LIFE_MS - 1);
    await ring.openingKey(keyId);
    await ring.load(STREAM);
    expect(decrypts()).toBe(1);
    state.clock.advance(1);
    await ring.openingKey(keyId);
    expect(decrypts()).toBe(2);
    expect(() => ring.sealingKey(STREAM)).toThrow(expect.objectContaining({ code: 'ERR_STREAM_KEY_COLD' }));
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
