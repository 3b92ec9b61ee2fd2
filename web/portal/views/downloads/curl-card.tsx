import { hrefOf } from '../../../shared/router.ts';
import { Card } from '../../../shared/ui/card.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { type Choice, curlCommand, faultOf } from './file-request.ts';
import { t } from './messages.ts';

/** The same request for a program, and what it takes that this browser can't give away. */
export function CurlCard({ usagePoint, choice }: { readonly usagePoint: string; readonly choice: Choice }) {
  const command = faultOf(choice) === undefined ? curlCommand(location.origin, usagePoint, choice) : undefined;
  return (
    <Card title={t('curl')}>
      <p class="download-text">
        {t('curlSharing')} <a href={hrefOf(['sharing'])}>{t('toSharing')}</a>
      </p>
      {command !== undefined && (
        <details class="disclosure">
          <summary>{t('curlShow')}</summary>
          <div class="stack">
            <p class="download-text">{t('curlText')}</p>
            <pre class="download-command">
              <code>{command}</code>
            </pre>
            <CopyButton text={command} label={t('copy')} />
          </div>
        </details>
      )}
    </Card>
  );
}
