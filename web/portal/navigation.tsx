import { useLayoutEffect, useRef } from 'preact/hooks';
import { hrefOf } from '../shared/router.ts';
import { t } from './messages.ts';
import { VIEWS } from './views.ts';

/** On a telephone it is wider than the screen: the view in sight is scrolled into it. @param current name of the view in sight */
export function Navigation({ current }: { readonly current: string | undefined }) {
  const row = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const [nav, link] = [row.current, row.current?.querySelector<HTMLElement>('[aria-current]')];
    if (!nav || !link) return;
    const { left, right } = nav.getBoundingClientRect();
    const at = link.getBoundingClientRect();
    if (at.left < left || at.right > right) nav.scrollLeft += (at.left + at.right) / 2 - (left + right) / 2;
  }, [current]);
  return (
    <nav ref={row} class="nav-row" aria-label={t('navigation')}>
      <ul class="nav">
        {VIEWS.filter(({ apart }) => apart !== true).map((view) => (
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
