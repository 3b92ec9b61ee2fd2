import { useLayoutEffect, useRef } from 'preact/hooks';
import { hrefOf } from '../shared/router.ts';
import { t } from './messages.ts';
import { VIEWS } from './views.ts';

/** On a telephone it is wider than the screen: the view in sight is scrolled into it. @param current name of the view in sight */
export function Navigation({ current }: { readonly current: string | undefined }) {
  const row = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (row.current === null) return;
    // Once at first, and whenever the screen is turned.
    const resized = new ResizeObserver(([entry]) => bringIntoSight(entry!.target));
    resized.observe(row.current);
    return () => resized.disconnect();
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

/** To the middle of its row, where it does not lie in it whole. */
function bringIntoSight(nav: Element): void {
  const link = nav.querySelector('[aria-current]');
  if (link === null) return;
  const [whole, at] = [nav.getBoundingClientRect(), link.getBoundingClientRect()];
  if (at.left < whole.left || at.right > whole.right) nav.scrollLeft += (at.left + at.right) / 2 - (whole.left + whole.right) / 2;
}
