import type { FeedersView } from '../../../api/feeders.ts';

type Cause = NonNullable<FeedersView['areas'][number]['doubt']>['causes'][number];

/** Words of the balances of feeders. */
export const FEEDERS = {
  'feeders.all': 'Heads and homes',
  'feeders.about':
    'The meters at the heads of the feeders beside the homes behind them, over 7 local days ({zone}), net of what is fed in. Homes may be {above} above the head; up to {below} may be lost on the way.',
  'feeders.told': 'Of homes it shows what the grid operator was told: feeders with too few homes stand together with a neighbour.',
  'feeders.none': 'No area has enough homes yet for anything to be shown of it.',
  'feeders.withheld': 'Nothing is shown of {names}: too few homes, and no neighbour.',
  'feeders.area': 'Feeders',
  'feeders.and': '{names} with {last}',
  'feeders.head': 'At the head',
  'feeders.homes': 'Metered',
  'feeders.lost': 'Difference',
  'feeders.share': 'Lost of the head',
  'feeders.compared': 'Intervals compared',
  'feeders.left-out': 'Left out',
  'feeders.doubted': 'Doubted',
  'feeders.days': '{area}, day by day',
  'feeders.left-out.about':
    'Left out are intervals of which nothing was told, or in which homes or a head are missing; what was told before all homes were in is not told again, so that late ones stay hidden. Doubted are intervals that were contradicted when they were told, by heads or by the forecast; they stay so, also where they add up by now. Today is not over.',
  'feeders.more': 'Load more areas',
  'feeders.shown': { one: '{n} area, more are to come', other: '{n} areas, more are to come' },
  'feeders.state.doubted': 'doubted since {since}',
  'feeders.state.older': 'doubted since before {since}',
  'feeders.state.over': 'adds up again since {until}',
  'feeders.state.headless': { one: 'no meter at a head', other: 'no meter at {n} heads' },
  'feeders.state.silent': 'nothing to compare yet',
  'feeders.state.fine': 'adds up',
  'feeders.doubt': {
    one: '{n} interval of {minutes} minutes, between {since} and {until}, was contradicted: {causes}.',
    other: '{n} intervals of {minutes} minutes, between {since} and {until}, were contradicted: {causes}.',
  },
  'feeders.doubt.value': 'What was told of them stands, with its doubt. The runbook of doubted demand says what to do.',
  'feeders.without': 'No meter measures at the head of {names}: nothing can be compared here.',
  'doubt.more-than-the-feeder': 'homes report more than passed the head',
  'doubt.less-than-the-feeder': 'more passed the head than homes report, beyond losses',
  'doubt.outside-forecast-band': 'far outside what was forecast, for two hours',
} as const satisfies Readonly<Record<string, unknown>> & Readonly<Record<`doubt.${Cause}`, string>>;
