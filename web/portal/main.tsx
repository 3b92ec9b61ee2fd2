import { render } from 'preact';
import { Root } from './root.tsx';

const root = document.getElementById('app');
if (root !== null) render(<Root />, root);
