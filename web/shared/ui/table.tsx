import type { ComponentChildren } from 'preact';

/** A column; the first one names its row. `end`: numbers. */
export interface Column {
  readonly label: string;
  readonly align?: 'start' | 'end';
}

interface TableProps {
  readonly caption: string;
  readonly captionHidden?: boolean;
  readonly columns: readonly Column[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
}

export function Table({ caption, captionHidden = false, columns, rows }: TableProps) {
  const alignOf = (column: number) => (columns[column]?.align === 'end' ? 'end number' : '');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="table-scroll" tabIndex={0} aria-label={caption}>
      <table class="table">
        <caption class={captionHidden ? 'visually-hidden' : ''}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, i) => (
              <th key={column.label} scope="col" class={alignOf(i)}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...others] }) => (
            <tr key={key}>
              <th scope="row">{first}</th>
              {others.map((cell, i) => (
                <td key={i} class={alignOf(i + 1)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
