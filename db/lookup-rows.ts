/**
 * The lookup rows of the reference: time zones, languages, download formats, start pages and password policies. Their
 * numbers are the ones that clients send, gaps included.
 */

/** A row of a lookup table: its key and what it is called. */
type LookupRow = readonly [key: number | string, name: string];

export const languages: readonly LookupRow[] = [
  ['ar', 'Arabic'],
  ['en', 'English'],
  ['es', 'Spanish'],
  ['fa', 'Farsi'],
  ['fr', 'French'],
  ['pt', 'Portuguese'],
  ['ru', 'Russian'],
  ['tr', 'Turkish'],
  ['zh', 'Chinese'],
];

export const exportTypes: readonly LookupRow[] = [
  [1, 'CSV'],
  [2, 'Excel (XLSX)'],
];

export const startPages: readonly LookupRow[] = [
  [1, 'My CDRs'],
  [3, 'Call Records (CDRs)'],
  [4, 'My Preferences'],
];

const timeZoneText =
  '1 Europe/Andorra, 2 Asia/Dubai, 3 Asia/Kabul, 4 America/Antigua, 5 America/Anguilla, 6 Europe/Tirane, 7 ' +
  'Asia/Yerevan, 8 America/Curacao, 9 Africa/Luanda, 10 Antarctica/McMurdo, 12 Antarctica/Palmer, 13 ' +
  'Antarctica/Mawson, 14 Antarctica/Davis, 15 Antarctica/Casey, 16 Antarctica/Vostok, 17 Antarctica/DumontDUrville, ' +
  '18 Antarctica/Syowa, 19 America/Argentina/Buenos_Aires, 21 America/Argentina/Cordoba, 22 ' +
  'America/Argentina/Jujuy, 23 America/Argentina/Catamarca, 24 America/Argentina/Mendoza, 25 Pacific/Pago_Pago, 26 ' +
  'Europe/Vienna, 27 Australia/Lord_Howe, 28 Australia/Hobart, 29 Australia/Melbourne, 30 Australia/Sydney, 31 ' +
  'Australia/Broken_Hill, 32 Australia/Brisbane, 33 Australia/Lindeman, 34 Australia/Adelaide, 35 Australia/Darwin, ' +
  '36 Australia/Perth, 37 America/Aruba, 38 Asia/Baku, 39 Europe/Sarajevo, 40 America/Barbados, 41 Asia/Dhaka, 42 ' +
  'Europe/Brussels, 43 Africa/Ouagadougou, 44 Europe/Sofia, 45 Asia/Bahrain, 46 Africa/Bujumbura, 47 ' +
  'Africa/Porto-Novo, 48 Atlantic/Bermuda, 49 Asia/Brunei, 50 America/La_Paz, 51 America/Noronha, 52 America/Belem, ' +
  '53 America/Fortaleza, 54 America/Recife, 55 America/Araguaina, 56 America/Maceio, 57 America/Sao_Paulo, 58 ' +
  'America/Cuiaba, 59 America/Porto_Velho, 60 America/Boa_Vista, 61 America/Manaus, 62 America/Eirunepe, 63 ' +
  'America/Rio_Branco, 64 America/Nassau, 65 Asia/Thimphu, 66 Africa/Gaborone, 67 Europe/Minsk, 68 America/Belize, ' +
  '69 America/St_Johns, 70 America/Halifax, 71 America/Glace_Bay, 72 America/Goose_Bay, 73 America/Toronto, 74 ' +
  'America/Nipigon, 75 America/Thunder_Bay, 76 America/Pangnirtung, 77 America/Iqaluit, 78 America/Rankin_Inlet, 79 ' +
  'America/Winnipeg, 80 America/Rainy_River, 81 America/Cambridge_Bay, 82 America/Regina, 83 America/Swift_Current, ' +
  '84 America/Edmonton, 85 America/Yellowknife, 86 America/Inuvik, 87 America/Dawson_Creek, 88 America/Vancouver, ' +
  '89 America/Whitehorse, 90 America/Dawson, 91 Indian/Cocos, 92 Africa/Kinshasa, 93 Africa/Lubumbashi, 94 ' +
  'Africa/Bangui, 95 Africa/Brazzaville, 96 Europe/Zurich, 97 Africa/Abidjan, 98 Pacific/Rarotonga, 99 ' +
  'America/Santiago, 100 Pacific/Easter, 101 Africa/Douala, 103 Asia/Shanghai, 105 Asia/Urumqi, 107 America/Bogota, ' +
  '108 America/Costa_Rica, 109 America/Havana, 110 Atlantic/Cape_Verde, 111 Indian/Christmas, 112 Asia/Nicosia, 113 ' +
  'Europe/Prague, 114 Europe/Berlin, 115 Africa/Djibouti, 116 Europe/Copenhagen, 117 America/Dominica, 118 ' +
  'America/Santo_Domingo, 119 Africa/Algiers, 120 America/Guayaquil, 121 Pacific/Galapagos, 122 Europe/Tallinn, 123 ' +
  'Africa/Cairo, 124 Africa/El_Aaiun, 126 Europe/Madrid, 127 Africa/Ceuta, 128 Atlantic/Canary, 129 ' +
  'Africa/Addis_Ababa, 130 Europe/Helsinki, 131 Pacific/Fiji, 132 Atlantic/Stanley, 134 Pacific/Chuuk, 135 ' +
  'Pacific/Pohnpei, 136 Pacific/Kosrae, 137 Atlantic/Faroe, 138 Europe/Paris, 139 Africa/Libreville, 140 ' +
  'Europe/London, 142 America/Grenada, 143 Asia/Tbilisi, 144 America/Cayenne, 145 Africa/Accra, 146 ' +
  'Europe/Gibraltar, 147 America/Scoresbysund, 148 America/Godthab, 149 America/Thule, 150 Africa/Banjul, 151 ' +
  'Africa/Conakry, 152 America/Guadeloupe, 153 Africa/Malabo, 154 Europe/Athens, 155 Atlantic/South_Georgia, 156 ' +
  'America/Guatemala, 157 Pacific/Guam, 158 Africa/Bissau, 159 America/Guyana, 160 Asia/Hong_Kong, 161 ' +
  'America/Tegucigalpa, 162 Europe/Zagreb, 163 America/Port-au-Prince, 164 Europe/Budapest, 165 Asia/Jakarta, 166 ' +
  'Asia/Pontianak, 168 Asia/Jayapura, 169 Europe/Dublin, 170 Asia/Jerusalem, 171 Asia/Kolkata, 172 Indian/Chagos, ' +
  '173 Asia/Baghdad, 174 Asia/Tehran, 175 Atlantic/Reykjavik, 176 Europe/Rome, 177 America/Jamaica, 178 Asia/Amman, ' +
  '179 Asia/Tokyo, 180 Africa/Nairobi, 181 Asia/Bishkek, 182 Asia/Phnom_Penh, 183 Pacific/Tarawa, 184 ' +
  'Pacific/Enderbury, 185 Pacific/Kiritimati, 186 Indian/Comoro, 187 America/St_Kitts, 188 Asia/Pyongyang, 189 ' +
  'Asia/Seoul, 190 Asia/Kuwait, 191 America/Cayman, 192 Asia/Almaty, 193 Asia/Aqtobe, 194 Asia/Aqtau, 195 ' +
  'Asia/Vientiane, 196 Asia/Beirut, 197 America/St_Lucia, 198 Europe/Vaduz, 199 Asia/Colombo, 200 Africa/Monrovia, ' +
  '201 Africa/Maseru, 202 Europe/Vilnius, 203 Europe/Luxembourg, 204 Europe/Riga, 205 Africa/Tripoli, 206 ' +
  'Africa/Casablanca, 207 Europe/Monaco, 208 Europe/Chisinau, 209 Indian/Antananarivo, 210 Pacific/Majuro, 211 ' +
  'Pacific/Kwajalein, 212 Europe/Skopje, 213 Africa/Bamako, 215 Asia/Yangon, 216 Asia/Ulaanbaatar, 217 Asia/Hovd, ' +
  '219 Pacific/Saipan, 220 America/Martinique, 221 Africa/Nouakchott, 222 America/Montserrat, 223 Europe/Malta, 224 ' +
  'Indian/Mauritius, 225 Indian/Maldives, 226 Africa/Blantyre, 227 America/Mexico_City, 228 America/Cancun, 229 ' +
  'America/Merida, 230 America/Monterrey, 231 America/Mazatlan, 232 America/Chihuahua, 233 America/Hermosillo, 234 ' +
  'America/Tijuana, 235 Asia/Kuala_Lumpur, 236 Asia/Kuching, 237 Africa/Maputo, 238 Africa/Windhoek, 239 ' +
  'Pacific/Noumea, 240 Africa/Niamey, 241 Pacific/Norfolk, 242 Africa/Lagos, 243 America/Managua, 244 ' +
  'Europe/Amsterdam, 245 Europe/Oslo, 246 Asia/Kathmandu, 247 Pacific/Nauru, 248 Pacific/Niue, 249 ' +
  'Pacific/Auckland, 250 Pacific/Chatham, 251 Asia/Muscat, 252 America/Panama, 253 America/Lima, 254 ' +
  'Pacific/Tahiti, 255 Pacific/Marquesas, 256 Pacific/Gambier, 257 Pacific/Port_Moresby, 258 Asia/Manila, 259 ' +
  'Asia/Karachi, 260 Europe/Warsaw, 261 America/Miquelon, 262 Pacific/Pitcairn, 263 America/Puerto_Rico, 264 ' +
  'Asia/Gaza, 265 Europe/Lisbon, 266 Atlantic/Madeira, 267 Atlantic/Azores, 268 Pacific/Palau, 269 ' +
  'America/Asuncion, 270 Asia/Qatar, 271 Indian/Reunion, 272 Europe/Bucharest, 273 Europe/Kaliningrad, 274 ' +
  'Europe/Moscow, 275 Europe/Samara, 276 Asia/Yekaterinburg, 277 Asia/Omsk, 278 Asia/Novosibirsk, 279 ' +
  'Asia/Krasnoyarsk, 280 Asia/Irkutsk, 281 Asia/Yakutsk, 282 Asia/Vladivostok, 283 Asia/Magadan, 284 ' +
  'Asia/Kamchatka, 285 Asia/Anadyr, 286 Africa/Kigali, 287 Asia/Riyadh, 288 Pacific/Guadalcanal, 289 Indian/Mahe, ' +
  '290 Africa/Khartoum, 291 Europe/Stockholm, 292 Asia/Singapore, 293 Atlantic/St_Helena, 294 Europe/Ljubljana, 295 ' +
  'Arctic/Longyearbyen, 297 Europe/Bratislava, 298 Africa/Freetown, 299 Europe/San_Marino, 300 Africa/Dakar, 301 ' +
  'Africa/Mogadishu, 302 America/Paramaribo, 303 Africa/Sao_Tome, 304 America/El_Salvador, 305 Asia/Damascus, 306 ' +
  'Africa/Mbabane, 307 America/Grand_Turk, 308 Africa/Ndjamena, 309 Indian/Kerguelen, 310 Africa/Lome, 311 ' +
  'Asia/Bangkok, 312 Asia/Dushanbe, 313 Pacific/Fakaofo, 314 Asia/Ashgabat, 315 Africa/Tunis, 316 ' +
  'Pacific/Tongatapu, 317 Asia/Dili, 318 Europe/Istanbul, 319 America/Port_of_Spain, 320 Pacific/Funafuti, 321 ' +
  'Asia/Taipei, 322 Africa/Dar_es_Salaam, 323 Europe/Kiev, 324 Europe/Uzhgorod, 325 Europe/Zaporozhye, 326 ' +
  'Europe/Simferopol, 327 Africa/Kampala, 328 Pacific/Johnston, 329 Pacific/Midway, 330 Pacific/Wake, 331 ' +
  'America/New_York, 332 America/Detroit, 333 America/Kentucky/Louisville, 334 America/Kentucky/Monticello, 335 ' +
  'America/Indiana/Indianapolis, 336 America/Indiana/Marengo, 337 America/Indiana/Knox, 338 America/Indiana/Vevay, ' +
  '339 America/Chicago, 340 America/Menominee, 341 America/Denver, 342 America/Boise, 344 America/Phoenix, 345 ' +
  'America/Los_Angeles, 346 America/Anchorage, 347 America/Juneau, 348 America/Yakutat, 349 America/Nome, 350 ' +
  'America/Adak, 351 Pacific/Honolulu, 352 America/Montevideo, 353 Asia/Samarkand, 354 Asia/Tashkent, 355 ' +
  'Europe/Vatican, 356 America/St_Vincent, 357 America/Caracas, 358 America/Tortola, 359 America/St_Thomas, 360 ' +
  'Asia/Ho_Chi_Minh, 361 Pacific/Efate, 362 Pacific/Wallis, 363 Pacific/Apia, 364 Asia/Aden, 365 Indian/Mayotte, ' +
  '366 Europe/Belgrade, 367 Africa/Johannesburg, 368 Africa/Lusaka, 369 Africa/Harare, 370 Etc/UTC, 371 ' +
  'Africa/Juba, 372 Asia/Hebron, 373 America/Metlakatla, 374 America/Marigot, 375 America/Lower_Princes, 376 ' +
  'America/Atikokan, 377 Pacific/Bougainville, 378 America/Argentina/Tucuman, 379 America/Argentina/San_Juan, 380 ' +
  'Antarctica/Macquarie, 381 America/Indiana/Tell_City, 382 America/Bahia_Banderas, 383 America/Kralendijk, 384 ' +
  'America/Argentina/Ushuaia, 385 America/Fort_Nelson, 386 Asia/Ust-Nera, 387 Antarctica/Troll, 388 Asia/Oral, 389 ' +
  'America/Campo_Grande, 390 Europe/Isle_of_Man, 391 America/Creston, 392 America/Argentina/Salta, 393 ' +
  'America/Resolute, 394 America/North_Dakota/Center, 395 Australia/Currie, 396 Europe/Jersey, 397 ' +
  'Europe/Mariehamn, 398 America/Moncton, 399 America/St_Barthelemy, 400 America/Matamoros, 401 Asia/Srednekolymsk, ' +
  '402 America/Indiana/Vincennes, 403 Africa/Asmara, 404 America/Santarem, 405 Asia/Choibalsan, 406 ' +
  'Europe/Podgorica, 407 America/Blanc-Sablon, 408 America/Bahia, 409 Asia/Macau, 410 Asia/Qyzylorda, 411 ' +
  'America/Danmarkshavn, 412 Europe/Guernsey, 413 America/Argentina/San_Luis, 414 Antarctica/Rothera, 415 ' +
  'America/Argentina/La_Rioja, 416 Asia/Sakhalin, 417 America/North_Dakota/Beulah, 418 America/Indiana/Petersburg, ' +
  '419 America/Argentina/Rio_Gallegos, 420 Asia/Makassar, 421 America/Ojinaga, 422 America/Sitka, 423 ' +
  'Europe/Busingen, 424 Asia/Chita, 425 Europe/Volgograd, 426 America/North_Dakota/New_Salem, 427 Australia/Eucla, ' +
  '428 Asia/Novokuznetsk, 429 Asia/Khandyga, 430 America/Indiana/Winamac, 431 Asia/Barnaul, 432 Europe/Astrakhan, ' +
  '433 Asia/Tomsk, 434 Europe/Ulyanovsk, 435 Europe/Kirov';

export const timeZones: readonly LookupRow[] = timeZoneText.split(', ').map((row) => {
  const [key = '', zone = ''] = row.split(' ');
  return [Number(key), zone];
});
