/** The rules of a password policy, as rows of `password_policies` hold them. */
export interface Policy {
  readonly min_length: number;
  readonly needs_letter: boolean;
  readonly needs_digit: boolean;
  readonly forbids_name_and_login: boolean;
}

/** By id: the default policy, and one that a test adds and that asks for length alone. */
export const policies: Readonly<Record<number, Policy>> = {
  1: { min_length: 8, needs_letter: true, needs_digit: true, forbids_name_and_login: true },
  2: { min_length: 12, needs_letter: false, needs_digit: false, forbids_name_and_login: false },
};

/** Rows of the dictionaries of the reference, some there and some not. */
export const dictionaries = {
  i_time_zone: { known: [1, 26, 370], unknown: [11, 99_999] },
  i_lang: { known: ['en', 'ru', 'zh'], unknown: ['xx', 'de'] },
  i_export_type: { known: [1, 2], unknown: [3, 77] },
  start_page: { known: [1, 3, 4], unknown: [2, 5] },
  payment_currency: { known: ['EUR', 'USD', 'JPY'], unknown: ['ZZZ', 'QQQ'] },
};
