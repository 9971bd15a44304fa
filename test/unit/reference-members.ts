const names = (list: string): readonly string[] => list.trim().split(/\s+/);

/** The 62 members that the reference text of createCustomer() lists, and i_wholesaler, by the type that it gives. */
export const strings = names(`name web_password web_login accounts_matching_rule company_name salutation first_name
  last_name mid_init street_addr state postal_code city country contact phone fax alt_phone alt_contact email cc bcc
  mail_from payment_currency api_password description i_lang css dns_alias`);

export const integers = names(`i_tariff i_routing_group accounts_mgmt customers_mgmt system_mgmt payment_method
  api_access api_mgmt i_commission_agent tariffs_mgmt max_depth use_own_tariff vouchers_mgmt i_password_policy
  i_time_zone i_export_type start_page max_sessions i_wholesaler`);

export const doubles = names(`balance credit_limit min_payment_amount commission_size overcommit_limit
  max_calls_per_second`);

export const booleans = names(`callshop_enabled overcommit_protection did_pool_enabled ivr_apps_enabled
  asr_acd_enabled debit_credit_cards_enabled conferencing_enabled share_payment_processors dncl_enabled`);

export const everyMember: readonly string[] = [...strings, ...integers, ...doubles, ...booleans];
