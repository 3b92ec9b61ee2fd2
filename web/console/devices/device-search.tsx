import { useSignal } from '@preact/signals';
import { go, hrefOf } from '../../shared/router.ts';
import { Button } from '../../shared/ui/button.tsx';
import { deviceNamed } from '../model/device-search.ts';
import { t } from '../text.ts';
import { TextField } from '../ui/field.tsx';

/** Any device by its id, also one that is not cut off. @param known what is looked at already */
export function DeviceSearch({ known }: { known: string }) {
  const text = useSignal(known);
  const isWrong = useSignal(false);
  const search = (event: Event) => {
    event.preventDefault();
    const device = deviceNamed(text.value);
    isWrong.value = device === undefined;
    if (device !== undefined) go(hrefOf(['devices', device]));
  };
  return (
    <form class="row search" onSubmit={search} noValidate>
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
