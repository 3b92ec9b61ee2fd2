import { Button } from '../../shared/ui/button.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { LIST_KEYS } from '../model/key-map.ts';
import { t } from '../text.ts';

/** Keys and what they do. */
export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const keys = Object.entries(LIST_KEYS);
  const actions = [...new Set(Object.values(LIST_KEYS))];
  return (
    <Dialog open={open} title={t('exceptions.keys')} onClose={onClose} actions={<Button onClick={onClose}>{t('close')}</Button>}>
      <dl class="keys">
        {actions.map((action) => (
          <div key={action}>
            <dt>
              {keys
                .filter(([, does]) => does === action)
                .map(([key]) => (
                  <kbd key={key}>{key}</kbd>
                ))}
            </dt>
            <dd>{t(`key.${action}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
