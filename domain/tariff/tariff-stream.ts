import { type DomainEvent, JoulekeepError, type TariffEvent, type TariffPublished } from '../../events/index.ts';

export interface PublishTariff {
  readonly type: 'PublishTariff';
  readonly tariff: string;
  /** First local date. */
  readonly from: string;
  readonly document: string;
  readonly series: readonly { readonly name: string; readonly key: string }[];
  readonly at: number;
}

/** Versions published so far, oldest first. */
export type TariffState = readonly TariffPublished[];

/**
 * Decider of stream `tariff/<id>`. Publishing the newest version again is `[]`. A version begins after the one before it,
 * so that no bill's prices change behind its back.
 * @throws ERR_TARIFF_NOT_LATER
 */
export const tariffStream = { initial: [] as TariffState, decide, evolve };

function decide({ type: _type, ...published }: PublishTariff, state: TariffState): readonly TariffEvent[] {
  const last = state.at(-1);
  if (last !== undefined && isSame(last, published)) return [];
  if (last !== undefined && published.from <= last.from) {
    const { tariff, from } = published;
    const message = `${tariff} version ${last.version} holds from ${last.from}: a new version begins on a later day, not on ${from}`;
    throw new JoulekeepError('ERR_TARIFF_NOT_LATER', message);
  }
  return [{ type: 'TariffPublished', data: { ...published, version: (last?.version ?? 0) + 1 } }];
}

function isSame(last: TariffPublished, { from, document, series }: Omit<PublishTariff, 'type'>): boolean {
  return last.from === from && last.document === document && JSON.stringify(last.series ?? []) === JSON.stringify(series);
}

function evolve(state: TariffState, event: DomainEvent): TariffState {
  return event.type === 'TariffPublished' ? [...state, event.data] : state;
}
