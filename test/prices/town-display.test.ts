import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Service } from '../../bin/service/service.ts';
import { TownClock } from '../../bin/town/clock.ts';
import { followTown } from '../../bin/town/display-view.ts';

it('a home’s display follows a day of prices over TLS, says when it hears nothing, and decides about a wish', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-display-'));
  const clock = new TownClock(Date.UTC(2026, 5, 10, 6));
  const service = await Service.boot({ stateDir, clock, timer: false });
  try {
    const { steps, live, notLive, decision, lines } = await followTown(service, clock, stateDir, 'Europe/London');
    // Each price holds for two intervals: of four half-hours of silence, three are not live.
    expect({ steps, live, notLive, decision }).toEqual({ steps: 32, live: 29, notLive: 3, decision: 'accepted' });
    expect(lines).toEqual([
      '2026-06-10 17:00 0.3400 GBP/kWh, peak, high, live',
      '2026-06-10 19:00 0.3400 GBP/kWh, peak, high, not live (day-ahead)',
      '2026-06-10 23:00 0.1200 GBP/kWh, night, low, live',
      expect.stringMatching(/^next 24 h [▁-█]{48}$/),
    ]);
    // A state that goes on has its zone already.
    clock.step(Date.UTC(2026, 5, 11, 6));
    const again = await followTown(service, clock, stateDir, 'Europe/London');
    expect([again.steps, again.live, again.decision]).toEqual([32, 29, 'accepted']);
  } finally {
    await service.close();
    rmSync(stateDir, { recursive: true });
  }
});
