import { hrefOf } from '../shared/router.ts';
import { t } from './messages.ts';
import { VIEWS } from './views.ts';

/** @param current name of the view in sight */
export function Navigation({ current }: { readonly current: string | undefined }) {
  return (
    <nav class="nav-row" aria-label={t('navigation')}>
      <ul class="nav">
        {VIEWS.map((view) => (
          <li key={view.name}>
            <a href={hrefOf([view.name])} aria-current={view.name === current ? 'page' : undefined}>
              {view.label()}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
