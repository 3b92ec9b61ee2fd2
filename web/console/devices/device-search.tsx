import { useSignal } from '@preact/signals';
import { go, hrefOf } from '../../shared/router.ts';
import { Button } from '../../shared/ui/button.tsx';
import { useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { devicesNamed } from '../model/device-search.ts';
import { t } from '../text.ts';
import { TextField } from '../ui/field.tsx';

/** Any device by its id, also one that is not cut off. @param known what is looked at already */
export function DeviceSearch({ known }: { known: string }) {
  const { requests } = useDesk();
  const text = useSignal(known);
  const isWrong = useSignal(false);
  const search = async (event: Event) => {
    event.preventDefault();
    const named = devicesNamed(text.value);
    isWrong.value = named.length === 0;
    const device = named.length > 1 ? await firstKnown(named) : named[0];
    if (device !== undefined) go(hrefOf(['devices', device]));
  };
  /** The likeliest where none is. */
  const firstKnown = async (named: readonly string[]) => {
    for (const device of named) if ((await ask(requests, 'showDevice', { device })).ok) return device;
    return named[0];
  };
  return (
    <form class="row search" onSubmit={(event) => void search(event)} noValidate>
      <TextField
        label={t('devices.search')}
        value={text.value}
        hint={isWrong.value ? <span role="alert">{t('devices.search.wrong')}</span> : t('devices.search.hint')}
        onText={(value) => {
          text.value = value;
        }}
      />
      <Button kind="primary" type="submit">
        {t('devices.show')}
      </Button>
    </form>
  );
}
