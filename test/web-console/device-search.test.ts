import { describe, expect, it } from 'vitest';
import { deviceNamed, thingOf } from '../../web/console/model/device-search.ts';

describe('a device that is looked for', () => {
  it.each([
    ['02a1b2c3d4e5f607', 'm-02a1b2c3d4e5f607'],
    [' M-02A1B2C3D4E5F607 ', 'm-02a1b2c3d4e5f607'],
    ['north-1', 'dc-north-1'],
    ['dc-north-1', 'dc-north-1'],
    ['02a1b2c3d4e5f60', 'dc-02a1b2c3d4e5f60'],
    ['', undefined],
    ['a b', undefined],
    ['../meter', undefined],
    ['x'.repeat(33), undefined],
  ])('%j is %s', (typed, device) => {
    expect(deviceNamed(typed)).toBe(device);
  });

  it('is found again by what the service calls it', () => {
    for (const named of [{ kind: 'meter', id: '02a1b2c3d4e5f607' } as const, { kind: 'concentrator', id: 'north-1' } as const])
      expect(deviceNamed(thingOf(named))).toBe(thingOf(named));
  });
});
