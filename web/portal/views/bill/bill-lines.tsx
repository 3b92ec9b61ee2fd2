import { money } from '../../../shared/format.ts';
import { Table } from '../../../shared/ui/table.tsx';
import { type LineTerms, lineWords, quantityWords } from './line-words.ts';
import { t } from './messages.ts';
import { sumOf } from './period.ts';

interface BillLinesProps {
  readonly caption: string;
  readonly lines: readonly (LineTerms & { readonly quantity?: string | null; readonly amountMicro: string })[];
  readonly currency: string;
  /** What the last line is called. */
  readonly total: string;
  /** Of the bill; without it the sum of the lines. */
  readonly totalMicro?: string;
}

/** Lines of a bill with their total. */
export function BillLines({ caption, lines, currency, total, totalMicro }: BillLinesProps) {
  const counts = lines.some(({ quantity }) => typeof quantity === 'string');
  const sum = totalMicro ?? sumOf(lines);
  const cellsOf = (line: string, quantity: string, amount: string) => (counts ? [line, quantity, amount] : [line, amount]);
  const rows = [
    ...lines.map((line, i) => ({
      key: String(i),
      cells: cellsOf(lineWords(line), quantityWords(line.quantity ?? ''), money(line.amountMicro, currency)),
    })),
    { key: 'total', cells: cellsOf(total, '', money(sum, currency)) },
  ];
  const quantity = counts ? [{ label: t('quantity'), align: 'end' } as const] : [];
  return (
    <div class="bill-lines">
      <Table
        caption={caption}
        captionHidden
        columns={[{ label: t('line') }, ...quantity, { label: t('amount'), align: 'end' }]}
        rows={rows}
      />
    </div>
  );
}
