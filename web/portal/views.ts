import type { View } from './view.ts';
import { Home } from './views/home/home.tsx';
import { t as home } from './views/home/messages.ts';
import { t as usage } from './views/usage/messages.ts';
import { Usage } from './views/usage/usage.tsx';

/** What the portal shows, in the order of its navigation; the first is where it begins. */
export const VIEWS: readonly View[] = [
  { name: 'home', label: () => home('title'), icon: 'home', component: Home },
  { name: 'usage', label: () => usage('title'), icon: 'bolt', component: Usage },
];
