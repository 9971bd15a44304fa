/** A line of the report: what was measured, what came out, and what it must be where something is promised. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly promised?: { readonly atLeast: number } | { readonly atMost: number };
}

const digits = 3;

function promise({ promised }: Row): string {
  if (!promised) return '';
  return 'atLeast' in promised ? `at least ${promised.atLeast}` : `at most ${promised.atMost}`;
}

/** False when a row promises something and does not keep it. */
export function isKept({ value, promised }: Row): boolean {
  if (!promised) return true;
  return 'atLeast' in promised ? value >= promised.atLeast : value <= promised.atMost;
}

/** The report for people: aligned columns. */
export function toTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    `${Number(row.value.toPrecision(digits))} ${row.unit}`.trim(),
    promise(row),
    isKept(row) ? '' : 'MISSED',
  ]);
  const width = (column: number) => Math.max(...cells.map((line) => (line[column] ?? '').length));
  const widths = [0, 1, 2].map(width);
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
