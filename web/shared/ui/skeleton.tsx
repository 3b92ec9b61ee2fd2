import { t } from './messages.ts';

/** Where something is about to be: so many lines, or a block. */
export function Skeleton({ lines = 3, block = false }: { readonly lines?: number; readonly block?: boolean }) {
  return (
    <div class="skeleton" role="status" aria-label={t('loading')}>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} class="skeleton-line" />
      ))}
      {block && <div class="skeleton-line skeleton-block" />}
    </div>
  );
}
