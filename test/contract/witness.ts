import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Witness } from '../../platform/ports/witness.ts';

export interface WitnessUnderTest {
  readonly witness: Witness;
  close(): void;
}

/** What every witness must do. */
export function witnessContract(name: string, open: () => WitnessUnderTest): void {
  describe(`witness: ${name}`, () => {
    let under: WitnessUnderTest;
    beforeEach(() => {
      under = open();
    });
    afterEach(() => under.close());

    it('C10.1-7: keeps what was put first, and says so to whoever puts something else', async () => {
      const { witness } = under;
      expect(await witness.put('checkpoint/0000000000000001', Buffer.from('first'))).toBe(true);
      expect(await witness.put('checkpoint/0000000000000001', Buffer.from('second'))).toBe(false);
      expect(await witness.get('checkpoint/0000000000000001')).toEqual(Buffer.from('first'));
    });

    it('C10.1-7: of many that put at once, one is the first', async () => {
      const bodies = Array.from({ length: 8 }, (_, at) => Buffer.from(`${at}`));
      const outcomes = await Promise.all(bodies.map((body) => under.witness.put('entries/1-2', body)));
      expect(outcomes.filter((isFirst) => isFirst)).toHaveLength(1);
      expect(await under.witness.get('entries/1-2')).toEqual(bodies[outcomes.indexOf(true)]);
    });

    it('lists what begins so, in order, and has nothing where nothing was put', async () => {
      const { witness } = under;
      for (const key of ['checkpoint/02', 'entries/01', 'checkpoint/01']) await witness.put(key, Buffer.from(key));
      expect(await witness.list('checkpoint/')).toEqual(['checkpoint/01', 'checkpoint/02']);
      expect(await witness.get('checkpoint/03')).toBeUndefined();
      await expect(witness.put('../out', Buffer.of(1))).rejects.toMatchObject({ code: 'ERR_OBJECT_KEY' });
    });
  });
}
