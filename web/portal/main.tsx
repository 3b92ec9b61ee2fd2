import '../shared/base.css';
import '../shared/ui/ui.css';
import '../shared/ui/bars.css';
import './portal.css';
import { render } from 'preact';
import { followLanguage } from '../shared/follow-language.ts';
import { followAddress } from '../shared/router.ts';
import { followTheme } from '../shared/theme.ts';
import { Root } from './root.tsx';
import { begin } from './state.ts';

const root = document.getElementById('app');
if (root !== null) {
  followTheme();
  followAddress();
  void begin();
  void followLanguage().then(() => render(<Root />, root));
}
