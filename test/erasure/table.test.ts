import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lifeTable } from '../../bin/texts/privacy-text.ts';
import { LAST_BILL_DAYS, LINGERING, PERSONAL_DATA } from '../../topology/personal-data.ts';
import { ACCESS_YEARS, METER_DAY_MONTHS, QUARANTINE_DAYS, RETENTION, TELEMETRY_DAYS } from '../../topology/retention.ts';
import { STREAM_FAMILIES } from '../../topology/stream-families.ts';

/** Families that hold nothing of a customer: devices, prices, and who looks after what. */
const NOBODYS = ['meter/', 'relay/', 'exception/', 'tariff/', 'price/', 'demand-response/', 'recipient/', 'delivery/', 'verification/'];

describe('the life of personal data', () => {
  it('C10.3-3: is shown in docs/privacy.md as the code has it', () => {
    const [, shown] = /<!-- life -->\n([\s\S]*?)\n<!-- \/life -->/.exec(readFileSync('docs/privacy.md', 'utf8')) ?? [];
    expect(shown).toBe(lifeTable());
  });

  it('C10.3-3: names every family of streams that holds something of customers', () => {
    const named = PERSONAL_DATA.map(({ of }) => of).join(' ');
    const feeds = ['feed/', 'party-feed/'];
    for (const family of STREAM_FAMILIES)
      if (!NOBODYS.includes(family) && !feeds.includes(family)) expect(named, family).toContain(`\`${family}\``);
    expect(named).toContain('items of the billing feed');
  });

  it('C10.3-3: waits no shorter than each class is kept', () => {
    const days = (name: string) => LINGERING.find(({ what }) => what === name)!.days;
    expect(days('telemetry')).toBeGreaterThanOrEqual(TELEMETRY_DAYS + 29);
    expect(LAST_BILL_DAYS).toBeGreaterThan(45);
    expect(days('quarantine')).toBeGreaterThanOrEqual(45 + QUARANTINE_DAYS + 35);
    expect(days('queues')).toBeGreaterThanOrEqual(14);
    expect(days('backups')).toBeGreaterThanOrEqual(35);
    expect(PERSONAL_DATA.find(({ name }) => name === 'days')!.kept).toContain(`${METER_DAY_MONTHS} months`);
    expect(PERSONAL_DATA.find(({ name }) => name === 'consents')!.kept).toBe(`${ACCESS_YEARS} years`);
    expect(RETENTION.find(({ name }) => name === 'bills')!.kept).toBe('by law');
  });
});
