import { describe, expect, it } from 'vitest';
import { firstRelease, revisionOf } from '../../domain/demand/area.ts';
import { disclosureGate, homes } from '../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../domain/privacy/ledger.ts';

const END = 1_800;
const IDLE = 20;
const AREA = { area: 'north', intervalMinutes: 30, slotsPerHome: 1 };
const PRESENT = { customers: homes(900), exporters: homes(300), idle: IDLE };

function ledger(): ReleaseLedger {
  const opened = new ReleaseLedger(disclosureGate());
  const north = { id: 'north', leaves: ['north'], composition: homes(900), exporters: homes(300) };
  opened.open([north], { from: 0, until: END, stepSeconds: END });
  return opened;
}

function demandOf(measured: number, exporting: number) {
  return { end: END, importWh: measured * 10, exportWh: exporting, counts: { expected: 900, measured, held: 0, exporting } };
}

describe('meters that could tell of export and never did', () => {
  it('R9.4-4, C10.4-3: each stands in for a value of those who feed in: 109 values with 20 such meters are too few, 110 are enough', () => {
    const told = (exporting: number) => firstRelease(AREA, demandOf(900, exporting), PRESENT, ledger());
    expect(told(109)).toEqual({ type: 'AreaDemandPublished', data: expect.not.objectContaining({ apart: expect.anything() }) });
    expect(told(110)).toMatchObject({ type: 'AreaDemandPublished', data: { apart: { importWh: 9_000, exportWh: 110 } } });
  });

  it('R9.4-4, C10.4-3: and for one that came late: 119 more values with 20 such meters are told net, 120 apart', () => {
    const revised = (more: number) => {
      const kept = ledger();
      const first = demandOf(700, 150);
      expect(firstRelease(AREA, first, PRESENT, kept).data).toHaveProperty('apart');
      const { importWh, exportWh, counts, end } = first;
      const told = { end, netWh: importWh - exportWh, apart: { importWh, exportWh }, counts, revision: 1 };
      return revisionOf(AREA, told, demandOf(900, 150 + more), PRESENT, END * 1000, kept)?.data;
    };
    expect(revised(119)).toMatchObject({ revision: 2, netWh: 9_000 - 269 });
    expect(revised(119)).not.toHaveProperty('apart');
    expect(revised(120)).toMatchObject({ revision: 2, apart: { importWh: 9_000, exportWh: 270 } });
    expect(revised(1)).not.toHaveProperty('apart');
  });
});
