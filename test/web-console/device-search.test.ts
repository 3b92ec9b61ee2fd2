import { describe, expect, it } from 'vitest';
import { devicesNamed, thingOf } from '../../web/console/model/device-search.ts';

describe('a device that is looked for', () => {
  it.each([
    ['02a1b2c3d4e5f607', ['m-02a1b2c3d4e5f607']],
    [' M-02A1B2C3D4E5F607 ', ['m-02a1b2c3d4e5f607']],
    ['north-1', ['dc-north-1']],
    ['dc-1', ['dc-dc-1', 'dc-1']],
    ['dc-dc-1', ['dc-dc-dc-1', 'dc-dc-1']],
    ['02a1b2c3d4e5f60', ['dc-02a1b2c3d4e5f60']],
    ['', []],
    ['dc-', ['dc-dc-']],
    ['a b', []],
    ['../meter', []],
    ['x'.repeat(33), []],
  ])('%j may be %j', (typed, devices) => {
    expect(devicesNamed(typed)).toEqual(devices);
  });

  it('is found again by what the service calls it', () => {
    for (const named of [{ kind: 'meter', id: '02a1b2c3d4e5f607' } as const, { kind: 'concentrator', id: 'dc-1' } as const]) {
      expect(devicesNamed(named.id)[0]).toBe(thingOf(named));
      expect(devicesNamed(thingOf(named))).toContain(thingOf(named));
    }
  });
});
