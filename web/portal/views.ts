import type { View } from './view.ts';
import { Bills } from './views/bill/bills.tsx';
import { t as bill } from './views/bill/messages.ts';
import { Demand } from './views/demand/demand.tsx';
import { t as demand } from './views/demand/messages.ts';
import { Downloads } from './views/downloads/downloads.tsx';
import { t as downloads } from './views/downloads/messages.ts';
import { Erasure, ErasureOf } from './views/erasure/erasure.tsx';
import { t as erasure } from './views/erasure/messages.ts';
import { Home } from './views/home/home.tsx';
import { t as home } from './views/home/messages.ts';
import { t as privacy } from './views/privacy/messages.ts';
import { Privacy } from './views/privacy/privacy.tsx';
import { Consent } from './views/sharing/consent/consent.tsx';
import { t as sharing } from './views/sharing/messages.ts';
import { Sharing } from './views/sharing/sharing.tsx';
import { t as usage } from './views/usage/messages.ts';
import { Usage } from './views/usage/usage.tsx';

/** What the portal shows, in the order of its navigation; the first is where it begins. */
export const VIEWS: readonly View[] = [
  { name: 'home', label: () => home('title'), icon: 'home', component: Home },
  { name: 'usage', label: () => usage('title'), icon: 'bolt', component: Usage },
  { name: 'bill', label: () => bill('title'), icon: 'tick', component: Bills },
  { name: 'demand', label: () => demand('short'), icon: 'high', component: Demand },
  { name: 'sharing', label: () => sharing('title'), icon: 'person', component: Sharing },
  { name: 'consent', label: () => sharing('title'), icon: 'person', apart: true, component: Consent },
  { name: 'downloads', label: () => downloads('title'), icon: 'low', component: Downloads },
  { name: 'privacy', label: () => privacy('title'), icon: 'shield', component: Privacy },
  { name: 'erasure', label: () => erasure('title'), icon: 'shield', apart: true, component: Erasure, former: ErasureOf },
];
