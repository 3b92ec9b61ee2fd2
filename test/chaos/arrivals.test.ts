import { describe, expect, it } from 'vitest';
import { unanswered } from '../../bench/chaos/arrivals.ts';
import type { ChaosTown } from '../../bench/chaos/protocol.ts';

const town = { newcomers: Array.from({ length: 40 }, (_, n) => ({ meterId: `${n}`, dcId: 'street-11', key: '' })) } as unknown as ChaosTown;

describe('meters that come while the key service is away', () => {
  it('C10.1-8: are all answered, and it was away from many of them', () => {
    expect(unanswered(town, 40, 50)).toEqual([]);
  });

  it('C10.1-8: an outage that touched next to nothing shows nothing, and neither does one after which somebody waits', () => {
    expect(unanswered(town, 40, 5)).toEqual([expect.stringContaining('5 calls were refused')]);
    expect(unanswered(town, 39, 50)).toEqual([expect.stringContaining('1 of 40 HELLOs')]);
  });
});
