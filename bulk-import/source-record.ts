/** A row as its source has it. */
export interface SourceRecord {
  /** The physical line where it begins; the header of a CSV file is line 1. */
  readonly line: number;
  /** Its values by the names of its columns, or of its members. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What must be said when the row could not be read; its values are then as good as they could be. */
  readonly problem?: string;
  /** Cells of a CSV row beyond those that the header names. */
  readonly surplus?: readonly string[];
}

/** A source that has been opened: its form, and its rows as they come. */
export interface OpenedSource {
  readonly form: SourceForm;
  /** The names of the columns. Undefined for NDJSON, where each row has its own. */
  readonly header: readonly string[] | undefined;
  readonly records: AsyncIterable<SourceRecord>;
}

/** How rows are written. */
export type SourceForm =
  | { readonly format: 'ndjson' }
  | {
      readonly format: 'csv';
      readonly delimiter: string;
      /** True when the file begins with a byte order mark: spreadsheets that wrote one want one. */
      readonly hasMark: boolean;
    };

/** Above any row that can be created: one that is longer is no row, but a quote that is not closed. */
export const maxRecordBytes = 1_048_576;
