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
    const [likeliest, ...others] = devicesNamed(text.value);
    isWrong.value = likeliest === undefined;
    if (likeliest === undefined) return;
    for (const device of others) {
      if ((await ask(requests, 'showDevice', { device: likeliest })).ok) break;
      if ((await ask(requests, 'showDevice', { device })).ok) return go(hrefOf(['devices', device]));
    }
    go(hrefOf(['devices', likeliest]));
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
