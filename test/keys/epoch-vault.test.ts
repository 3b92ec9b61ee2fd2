import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EpochVault, epochRow } from '../../lambdas/shared/keys/epoch-vault.ts';
import { SHARD_LIFE, shardOf } from '../../lambdas/shared/keys/shard-keys.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const METER = '00124b0000000001';
const OTHER = '00124b0000000002';

describe('the epoch vault', () => {
  it('gives back what was stored, to ingest and keys alike', async () => {
    const world = new MemoryWorld();
    const secret = randomBytes(32);
    expect(await new EpochVault(world.as('keys')).store(METER, 7, secret)).toBe(`epoch/${METER}/00007`);
    const vault = new EpochVault(world.as('ingest'));
    expect(await vault.secret(METER, 7)).toEqual(secret);
    expect(await vault.secret(METER, 8)).toBeUndefined();
    expect(await vault.epochs(METER)).toEqual([7]);
  });

  it('loads all epochs of a meter in one read, with one KMS call for the whole shard', async () => {
    const world = new MemoryWorld();
    const keys = new EpochVault(world.as('keys'));
    const secrets = [1, 2, 300].map((epoch) => ({ epoch, secret: randomBytes(32), createdAt: world.clock.now() }));
    for (const { epoch, secret } of secrets) await keys.store(METER, epoch, secret);
    await keys.store(OTHER, 1, randomBytes(32));
    const vault = new EpochVault(world.as('ingest'));
    const before = { lists: world.keys.calls.list, calls: world.kms.count() };
    expect(await vault.secrets(METER)).toEqual(secrets);
    expect(world.keys.calls.list - before.lists).toBe(1);
    expect(world.kms.count() - before.calls).toBe(1);
    await vault.secrets(METER);
    expect(world.kms.count() - before.calls).toBe(1);
  });

  it('the first writer of an epoch wins, and everybody gets what it wrote', async () => {
    const world = new MemoryWorld();
    const vaults = Array.from({ length: 5 }, () => new EpochVault(world.as('keys')));
    const kept = await Promise.all(vaults.map((vault, i) => vault.keep(METER, 1, Buffer.alloc(32, i), Buffer.from(`note ${i}`))));
    for (const each of kept) expect(each).toEqual(kept[0]);
    expect(await vaults[0]!.find(METER, 1)).toEqual(kept[0]);
  });

  it('R9.1-3: a row says nothing without KMS, and opens for no other meter or epoch', async () => {
    const world = new MemoryWorld();
    const vault = new EpochVault(world.as('keys'));
    const secret = randomBytes(32);
    await vault.store(METER, 1, secret);
    for (const { wrapped } of world.keys.rows.values()) expect(wrapped.includes(secret)).toBe(false);
    const row = world.keys.rows.get(epochRow(METER, 1))!;
    for (const [meterId, epoch] of [
      [OTHER, 1],
      [METER, 2],
    ] as const) {
      world.keys.rows.set(epochRow(meterId, epoch), { ...row, id: epochRow(meterId, epoch) });
      await expect(vault.secret(meterId, epoch)).rejects.toMatchObject({ code: 'ERR_KEY_ROW_DAMAGED' });
    }
    for (let bit = 0; bit < row.wrapped.length * 8; bit += 7) {
      const wrapped = Buffer.from(row.wrapped);
      wrapped[bit >> 3]! ^= 1 << (bit & 7);
      world.keys.rows.set(row.id, { ...row, wrapped });
      await expect(vault.secret(METER, 1)).rejects.toMatchObject({ code: 'ERR_KEY_ROW_DAMAGED' });
    }
  });

  it('a shard key opens for its own shard only', async () => {
    const world = new MemoryWorld();
    await new EpochVault(world.as('keys')).store(METER, 1, randomBytes(32));
    const [shard] = [...world.keys.rows.values()].filter(({ id }) => id.startsWith('shard/'));
    expect(shard!.id).toMatch(new RegExp(`^shard/${shardOf(METER)}/\\d{14}$`));
    const { kms } = world.as('ingest');
    await expect(kms.decrypt('shard-kek', shard!.wrapped, { shard: String(shardOf(METER) + 1) })).rejects.toMatchObject({
      code: 'ERR_KMS_INVALID_CIPHERTEXT',
    });
  });

  it('C10.1-6: keeps an opened shard key for 15 minutes, and makes a new one after 30 days', async () => {
    const world = new MemoryWorld();
    const vault = new EpochVault(world.as('keys'));
    await vault.store(METER, 1, randomBytes(32));
    const calls = () => world.kms.count('decrypt');
    const before = calls();
    world.clock.advance(SHARD_LIFE.inMemory - 1);
    await vault.secret(METER, 1);
    expect(calls()).toBe(before);
    world.clock.advance(1);
    await vault.secret(METER, 1);
    expect(calls()).toBe(before + 1);
    world.clock.advance(SHARD_LIFE.renewAfter);
    await vault.store(METER, 2, randomBytes(32));
    const rows = [...world.keys.rows.values()].filter(({ id }) => id.startsWith('shard/'));
    expect(rows).toHaveLength(2);
    expect((await vault.secrets(METER)).map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('C10.1-6: what is destroyed is gone', async () => {
    const world = new MemoryWorld();
    const vault = new EpochVault(world.as('keys'));
    await vault.store(METER, 1, randomBytes(32));
    await vault.destroy(METER, 1);
    await vault.destroy(METER, 1);
    expect(await vault.secret(METER, 1)).toBeUndefined();
    expect(world.keys.rows.has(epochRow(METER, 1))).toBe(false);
  });

  it('spreads meters over 64 shards', () => {
    const shards = new Set(Array.from({ length: 2_000 }, (_, i) => shardOf(i.toString(16).padStart(16, '0'))));
    expect([shards.size, Math.max(...shards)]).toEqual([64, 63]);
  });
});
