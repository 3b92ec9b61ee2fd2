import { describe, it } from 'vitest';
import { meter } from '../../domain/enrolment/meter.ts';
import { ASSET, activated, DAY, enrolled, installed, METER, T0 } from './facts.ts';
import { given } from './given.ts';

const certificate = Buffer.from('certificate of the factory');
const enrol = { type: 'EnrolMeter', meterId: METER, certificate, asset: ASSET, at: T0 } as const;

describe('a meter: enrolment and standing', () => {
  it('is enrolled from the stock list', () => given(meter, []).when(enrol).thenEvents(enrolled));

  it('is enrolled once, whatever the second list says', () =>
    given(meter, [enrolled])
      .when({ ...enrol, certificate: Buffer.from('another'), at: T0 + DAY })
      .thenNothing());

  it('takes no command before enrolment', () => given(meter, []).when({ type: 'Retire', at: T0 }).thenThrows('ERR_METER_UNKNOWN'));

  it('gets its segment once', () => {
    given(meter, [enrolled])
      .when({ type: 'AssignSegment', segment: '00007' })
      .thenEvents({ type: 'SegmentAssigned', data: { segment: '00007' } });
    given(meter, installed).when({ type: 'AssignSegment', segment: '00000' }).thenNothing();
    given(meter, installed).when({ type: 'AssignSegment', segment: '00001' }).thenThrows('ERR_SEGMENT_FIXED');
  });

  it('moves from the segment it is in, once per move', () => {
    const move = { type: 'MoveSegment', from: '00000', to: '00001' } as const;
    const moved = { type: 'SegmentAssigned', data: { segment: '00001' } } as const;
    given(meter, installed).when(move).thenEvents(moved);
    given(meter, [...installed, moved])
      .when(move)
      .thenNothing();
    given(meter, installed)
      .when({ ...move, from: '00002' })
      .thenThrows('ERR_SEGMENT_FIXED');
  });

  it('is activated once', () => {
    given(meter, [enrolled]).when({ type: 'ActivateMeter', at: T0 }).thenEvents(activated);
    given(meter, installed)
      .when({ type: 'ActivateMeter', at: T0 + 1 })
      .thenNothing();
  });

  it('has several concentrators, each assigned once at a time', () => {
    given(meter, installed)
      .when({ type: 'AssignRelay', dcId: 'north-1', from: T0 + DAY })
      .thenNothing();
    given(meter, installed)
      .when({ type: 'AssignRelay', dcId: 'north-2', from: T0 + DAY })
      .thenEvents({ type: 'RelayAssigned', data: { dcId: 'north-2', from: T0 + DAY } });
    given(meter, installed)
      .when(
        { type: 'UnassignRelay', dcId: 'north-1', until: T0 + DAY },
        { type: 'UnassignRelay', dcId: 'north-1', until: T0 + 2 * DAY },
        { type: 'AssignRelay', dcId: 'north-1', from: T0 + 3 * DAY },
      )
      .thenEvents(
        { type: 'RelayUnassigned', data: { dcId: 'north-1', until: T0 + DAY } },
        { type: 'RelayAssigned', data: { dcId: 'north-1', from: T0 + 3 * DAY } },
      );
  });

  it('is quarantined and released back to what it was', () => {
    const quarantined = { type: 'MeterQuarantined', data: { reason: 'tamper', at: T0 } } as const;
    given(meter, installed).when({ type: 'Quarantine', reason: 'tamper', at: T0 }).thenEvents(quarantined);
    given(meter, [...installed, quarantined])
      .when({ type: 'Quarantine', reason: 'again', at: T0 })
      .thenNothing();
    given(meter, [...installed, quarantined])
      .when({ type: 'Release', at: T0 + 1 }, { type: 'Release', at: T0 + 2 })
      .thenEvents({ type: 'MeterReleased', data: { at: T0 + 1 } });
    given(meter, [enrolled, quarantined, { type: 'MeterReleased', data: { at: T0 } }])
      .when({ type: 'ActivateMeter', at: T0 })
      .thenEvents(activated);
  });

  it('retires for good', () => {
    const retired = { type: 'MeterRetired', data: { at: T0 + DAY } } as const;
    given(meter, installed)
      .when({ type: 'Retire', at: T0 + DAY })
      .thenEvents(retired);
    const past = [...installed, retired];
    given(meter, past)
      .when({ type: 'Retire', at: T0 }, { type: 'Quarantine', reason: 'x', at: T0 }, { type: 'ActivateMeter', at: T0 })
      .thenNothing();
    given(meter, past).when({ type: 'RenewCertificate', certificate, at: T0 }).thenThrows('ERR_METER_RETIRED');
  });

  it('records a renewed certificate once', () => {
    const renewed = { type: 'CertificateRenewed', data: { certificate: Buffer.from('new'), at: T0 } } as const;
    given(meter, installed)
      .when({ type: 'RenewCertificate', certificate: Buffer.from('new'), at: T0 })
      .thenEvents(renewed);
    given(meter, [...installed, renewed])
      .when({ type: 'RenewCertificate', certificate: Buffer.from('new'), at: T0 + 1 })
      .thenNothing();
  });

  it('records an incident once, and only so many of a kind', () => {
    const reuse = { type: 'ReportCounterReuse', epoch: 3, counter: 17, at: T0 } as const;
    const reused = { type: 'CounterReused', data: { epoch: 3, counter: 17, at: T0 } } as const;
    given(meter, installed)
      .when(reuse, { ...reuse, at: T0 + 5 })
      .thenEvents(reused);
    const tamper = { type: 'ReportTamper', code: 1, at: T0 } as const;
    given(meter, installed)
      .when(tamper, tamper)
      .thenEvents({ type: 'TamperReported', data: { code: 1, at: T0 } });
    const flood = Array.from({ length: 40 }, (_, counter) => ({ ...reuse, counter }));
    given(meter, installed)
      .when(...flood)
      .thenTypes(...Array.from({ length: 8 }, () => 'CounterReused'));
    given(meter, installed)
      .when(...flood, { ...reuse, epoch: 4 })
      .thenTypes(...Array.from({ length: 9 }, () => 'CounterReused'));
  });

  it('ignores facts it does not know', () => {
    const later = { type: 'MeterRepainted', data: { colour: 'green' } } as never;
    given(meter, [...installed, later])
      .when({ type: 'Retire', at: T0 })
      .thenTypes('MeterRetired');
  });
});
