import '../shared/base.css';
import '../shared/ui/ui.css';
import './console.css';
import './pages.css';
import './day.css';
import './cards.css';
import { render } from 'preact';
import { takeLanguages } from '../shared/i18n.ts';
import { followTheme } from '../shared/theme.ts';
import { boot } from './boot.ts';
import { startClock } from './desk.ts';
import { Root } from './root.tsx';

const root = document.getElementById('app');
if (root !== null) {
  takeLanguages(navigator.languages, 'en');
  followTheme();
  startClock();
  render(<Root />, root);
  void boot();
}
