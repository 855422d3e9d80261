/** Functions of DuckDB that answer by their arguments alone, at any time and over one row. What is missing here counts as one that does not. */
const ROW_FUNCTIONS = new Set(`
  !~~ !~~* % & * ** + - ->> -> / // << >> ^ ^@ | || ~ ~~ ~~* ~~~ !~~~
  abs add ascii base64 bin bit_length ceil ceiling chr coalesce concat concat_ws contains date_diff date_part date_sub date_trunc datediff datepart datetrunc day dayname
  dayofmonth dayofweek dayofyear decode degrees divide element_at ends_with epoch epoch_ms epoch_ns epoch_us even exp floor format from_base64 from_hex from_json from_json_strict
  greatest hash hex hour ifnull instr isfinite isinf isnan isodow isoyear json_array json_array_length json_contains json_exists json_extract json_extract_path json_extract_path_text
  json_extract_string json_keys json_merge_patch json_object json_quote json_structure json_transform json_transform_strict json_type json_valid json_value last_day lcase least left
  len length list_concat list_contains list_distinct list_element list_extract list_filter list_has list_pack list_position list_reverse_sort list_slice list_sort
  list_transform list_unique list_value list_zip array_contains array_extract array_length array_slice array_to_json ln log log10 log2 lower lpad ltrim make_date make_time make_timestamp
  make_timestamptz map map_contains map_entries map_extract map_from_entries map_keys map_values md5 microsecond millisecond minute mod month monthname multiply nfc_normalize
  nullif octet_length ord pi pow power prefix printf quarter radians regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
  regexp_split_to_array repeat replace reverse right round row row_to_json rpad rtrim second sha1 sha256 sign sin split split_part sqrt starts_with str_split str_split_regex strftime
  string_split string_split_regex string_to_array strip_accents strlen strpos strptime struct_concat struct_extract struct_insert struct_pack substr substring subtract suffix tan
  time_bucket timezone to_base64 to_days to_hex to_hours to_json to_microseconds to_milliseconds to_minutes to_months to_seconds to_timestamp to_weeks to_years translate trim trunc
  try_strptime typeof ucase unhex unicode upper url_decode url_encode week weekday weekofyear xor year yearweek
`.trim().split(/\s+/))

export const isRowFunction = (name: string): boolean => ROW_FUNCTIONS.has(name.toLowerCase())

/** For the test that holds the list against the database's own. */
export const rowFunctions = (): readonly string[] => [...ROW_FUNCTIONS]

/** Whether all that an expression's text calls are such functions. Words in its texts may only make it look as if not. */
export const isRowFunctionText = (text: string): boolean => !OF_THE_MOMENT.test(text) && [...text.matchAll(/([a-z_]\w*)\s*\(/gi)].every(([, name]) => GRAMMAR.has(name!.toLowerCase()) || isRowFunction(name!))

/** Words that ask for the moment, some of them without a parenthesis. */
const OF_THE_MOMENT = /\b(current_\w+|local(time|timestamp)|session_user)\b/i
const GRAMMAR = new Set(['and', 'or', 'not', 'in', 'is', 'when', 'then', 'else', 'case', 'between', 'like', 'ilike', 'similar', 'to', 'cast', 'try_cast', 'decimal', 'numeric', 'varchar', 'char', 'distinct', 'from', 'interval', 'try'])
