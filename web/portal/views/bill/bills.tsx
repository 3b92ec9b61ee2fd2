import { place } from '../../../shared/router.ts';
import { useChange } from '../../../shared/use-change.ts';
import type { ViewProps } from '../../view.ts';
import { BillPage } from './bill-page.tsx';
import { BillTable } from './bill-table.tsx';
import { EstimateCard } from './estimate-card.tsx';
import { t } from './messages.ts';
import '../../parts/parts.css';
import './bill.css';

/** The bill that is coming, the bills that were, and each of them: `#/bill`, `#/bill/<id>`. */
export function Bills(props: ViewProps) {
  const [, bill] = place.value.parts;
  // From the list to a bill and back is a new page to whoever listens or uses keys.
  useChange(bill, () => document.getElementById('content')?.focus());
  if (bill !== undefined) return <BillPage key={bill} {...props} bill={bill} />;
  return (
    <>
      <h1>{t('title')}</h1>
      <EstimateCard {...props} />
      <BillTable {...props} />
    </>
  );
}
