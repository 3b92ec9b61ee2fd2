import { describe, it } from 'vitest';
import { type PublishTariff, tariffStream } from '../../domain/tariff/tariff-stream.ts';
import type { TariffEvent } from '../../events/index.ts';
import { given } from '../enrolment/given.ts';

const FIRST: PublishTariff = { type: 'PublishTariff', tariff: 't', from: '2013-01-01', document: '{}', series: [], at: 1 };

function published(version: number, command: PublishTariff): TariffEvent {
  const { type: _type, ...data } = command;
  return { type: 'TariffPublished', data: { ...data, version } };
}

describe('a published tariff', () => {
  it('gets versions from 1', () => {
    const second = { ...FIRST, from: '2013-06-01', document: '{"a":1}' };
    given(tariffStream, []).when(FIRST, second).thenEvents(published(1, FIRST), published(2, second));
  });

  it('again is nothing new', () => {
    given(tariffStream, [published(1, FIRST)])
      .when({ ...FIRST, at: 2 })
      .thenNothing();
  });

  it('with another series is another version', () => {
    const more = { ...FIRST, from: '2013-02-01', series: [{ name: 's', key: 'k' }] };
    given(tariffStream, [published(1, FIRST)])
      .when(more)
      .thenEvents(published(2, more));
  });

  it('never changes what held before', () => {
    given(tariffStream, [published(1, FIRST)])
      .when({ ...FIRST, document: '{"a":1}' })
      .thenThrows('ERR_TARIFF_NOT_LATER');
    given(tariffStream, [published(1, FIRST)])
      .when({ ...FIRST, document: '{"a":1}', from: '2012-12-31' })
      .thenThrows('ERR_TARIFF_NOT_LATER');
  });
});
