"""Functions of PostgreSQL that a statement may call: they read nothing but their arguments, change nothing, and reach nothing outside.

Left out on purpose, besides everything named `pg_*` and `lo_*`: functions that run SQL given as text (query_to_xml, ts_stat, …), that read the session
or the server (current_setting, version, inet_*, txid_*), sequences, privileges and names (has_*, to_reg*), locks and sleep, XML, and casts to a row type.
"""

from __future__ import annotations

from app.sql.allowlist.words import words

FUNCTIONS: frozenset[str] = words(
    """
    abs acos acosd asin asind atan atan2 atan2d atand cbrt ceil ceiling cos cosd cot cotd degrees div exp floor gcd lcm least greatest ln log log10 log2 mod
    min_scale pi pow power radians random round scale sign sin sind sqrt tan tand sinh cosh tanh asinh acosh atanh trim_scale trunc width_bucket
    ascii bit_length btrim char_length character_length chr concat concat_ws format initcap left length lower lpad ltrim md5 normalize octet_length overlay position
    quote_literal regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr
    repeat replace reverse right rpad rtrim split_part starts_with strpos string_to_array string_to_table substr substring to_hex translate trim unistr upper
    casefold sha224 sha256 sha384 sha512 encode decode convert_to get_byte
    age clock_timestamp date date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours justify_interval make_date
    make_interval make_time make_timestamp make_timestamptz now statement_timestamp timeofday transaction_timestamp to_char to_date to_number to_timestamp
    timezone current_timestamp current_time localtime localtimestamp
    coalesce nullif num_nulls num_nonnulls gen_random_uuid uuidv7
    array_agg avg bit_and bit_or bit_xor bool_and bool_or count every json_agg json_agg_strict json_object_agg jsonb_agg jsonb_object_agg max min
    string_agg sum any_value range_agg corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev
    stddev_pop stddev_samp var_pop var_samp variance mode percentile_cont percentile_disc rank dense_rank percent_rank cume_dist grouping
    row_number ntile lag lead first_value last_value nth_value
    array_append array_cat array_dims array_length array_lower array_ndims array_position array_positions array_prepend array_remove array_replace
    array_reverse array_sort array_to_string array_upper cardinality trim_array unnest generate_subscripts generate_series
    json_array json_object json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each json_each_text json_extract_path
    json_extract_path_text json_object_keys json_strip_nulls json_typeof jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
    jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_extract_path jsonb_extract_path_text jsonb_object jsonb_object_keys jsonb_path_exists
    jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_typeof row_to_json
    array_to_json to_json to_jsonb json_query json_value json_exists
    to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery ts_rank
    daterange int4range int8range numrange tsrange tstzrange lower_inc upper_inc isempty
    """
)

AGGREGATES: frozenset[str] = frozenset()
"""PostgreSQL has no combinators."""

TABLE_FUNCTIONS: frozenset[str] = words(
    """
    generate_series unnest generate_subscripts string_to_table regexp_split_to_table regexp_matches json_array_elements json_array_elements_text json_each json_each_text
    json_object_keys jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys jsonb_path_query
    """
)
"""Functions that may stand in FROM."""

OUTPUTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(words("json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text"), ("value",)),
    **dict.fromkeys(words("json_each json_each_text jsonb_each jsonb_each_text"), ("key", "value")),
}
"""The columns of those that name theirs."""

SYNTAX: frozenset[str] = words(
    """
    in values as over filter where and or not on using exists any all some select from join by lateral case when then else between like ilike interval
    distinct union except intersect limit offset having sets rollup cube group array row cast similar to is to materialized recursive ordinality only order
    partition window with both leading trailing range rows groups next first fetch escape collate overlaps symmetric asymmetric near
    """
)
"""Words that are no function although a bracket may follow them."""

TYPES: frozenset[str] = words(
    """
    bigint smallint int integer int2 int4 int8 decimal numeric real float float4 float8 double precision boolean bool text varchar char character varying bpchar nchar
    nvarchar date time timetz timestamp timestamptz zone without interval json jsonb uuid bytea array bit
    int4range int8range numrange daterange tsrange tstzrange tsvector tsquery jsonpath
    """
)
"""Words of type names; names of catalog objects (regclass and its kin), row types and types of extensions are not among them."""
