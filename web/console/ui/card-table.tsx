import type { ComponentChildren } from 'preact';
import type { Column } from '../../shared/ui/table.tsx';

interface CardTableProps {
  readonly caption: string;
  readonly captionHidden?: boolean;
  readonly columns: readonly Column[];
  /** The first cell names its row; `look`: class of the row. */
  readonly rows: readonly { readonly key: string; readonly look?: string; readonly cells: readonly ComponentChildren[] }[];
}

/** Said outright: elements that are laid out as cards are no table for some browsers. */
const AS = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  column: { role: 'columnheader', scope: 'col' },
  name: { role: 'rowheader', scope: 'row' },
  cell: { role: 'cell' },
} as const;

/** A table where there is room for one; each row a card of names and values where there is none. */
export function CardTable({ caption, captionHidden = false, columns, rows }: CardTableProps) {
  const alignOf = (column: number) => (columns[column]?.align === 'end' ? 'end number' : '');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="table-scroll" tabIndex={0} aria-label={caption}>
      <table class="table cards" {...AS.table}>
        <caption class={captionHidden ? 'visually-hidden' : ''}>{caption}</caption>
        <thead {...AS.group}>
          <tr {...AS.row}>
            {columns.map((column, i) => (
              <th key={column.label} class={alignOf(i)} {...AS.column}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...AS.group}>
          {rows.map(({ key, look, cells: [first, ...others] }) => (
            <tr key={key} class={look} {...AS.row}>
              <th data-label={columns[0]?.label} {...AS.name}>
                <div>{first}</div>
              </th>
              {others.map((cell, i) => (
                <td key={i} class={alignOf(i + 1)} data-label={columns[i + 1]?.label} {...AS.cell}>
                  <div>{cell}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
