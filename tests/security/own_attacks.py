"""Attacks of our own, beside the shared corpus: (engine, what must become of it, statement)."""

from __future__ import annotations

_POSTGRES = {
    "block": """
        TABLE secrets
        SELECT * FROM ONLY secrets
        SELECT * FROM sales_us
        SELECT * FROM public.sales_eu
        SELECT * FROM "users_ssn_ix"
        SELECT * FROM pg_stats WHERE tablename = 'users'
        SELECT most_common_vals FROM pg_catalog.pg_stats
        SELECT * FROM information_schema.columns
        SELECT 'secrets'::regclass
        SELECT '16384'::oid::regclass
        SELECT CAST('users' AS regtype)
        SELECT NULL::users
        SELECT (NULL::public.secrets).api_key
        SELECT (jsonb_populate_record(NULL::secrets, '{}')).*
        SELECT * FROM json_to_recordset('[{"a":1}]') AS x(a users)
        SELECT to_regclass('secrets')
        SELECT has_table_privilege('secrets', 'select')
        SELECT pg_column_size(ssn) FROM users
        SELECT ctid, xmin FROM users
        SELECT tableoid FROM sales
        SELECT users.ctid FROM users
        SELECT orders.xmax::text FROM orders
        SELECT query_to_xml('select 1', true, false, '')
        SELECT "query_to_xml"('select 1', true, false, '')
        SELECT database_to_xml(true, false, '')
        SELECT cursor_to_xml('c', 1, true, false, '')
        SELECT table_to_xml('secrets', true, false, '')
        SELECT ts_stat('SELECT body FROM docs')
        SELECT * FROM ts_stat($$SELECT to_tsvector(api_key) FROM secrets$$)
        SELECT ts_rewrite('a'::tsquery, 'SELECT q, q FROM docs')
        SELECT setval('order_seq', 1)
        SELECT nextval('order_seq')
        SELECT currval('order_seq'), lastval()
        SELECT * FROM order_seq
        SELECT pg_notify('a', 'b')
        SELECT pg_advisory_lock(1)
        SELECT pg_try_advisory_xact_lock(1)
        SELECT pg_terminate_backend(1)
        SELECT pg_reload_conf()
        SELECT pg_ls_dir('.')
        SELECT * FROM pg_ls_waldir()
        SELECT pg_stat_file('postgresql.conf')
        SELECT lo_import('/etc/passwd')
        SELECT lo_get(424242)
        SELECT loread(lo_open(424242, 262144), 100)
        SELECT * FROM pg_largeobject
        SELECT current_setting('data_directory')
        SELECT set_config('row_security', 'off', true)
        SELECT current_user, session_user
        SELECT current_catalog
        SELECT user
        SELECT system_user
        SELECT version()
        SELECT inet_server_addr()
        SELECT pg_postmaster_start_time()
        SELECT txid_current()
        SELECT pg_current_wal_lsn()
        SELECT id FROM orders FOR UPDATE
        SELECT id FROM orders FOR KEY SHARE SKIP LOCKED
        WITH d AS (DELETE FROM orders RETURNING *) SELECT 1
        WITH d AS MATERIALIZED (INSERT INTO docs VALUES (1) RETURNING 1) SELECT * FROM d
        SELECT 1 INTO newtab
        SELECT * INTO UNLOGGED t FROM users
        COPY (SELECT 1) TO PROGRAM 'id'
        MERGE INTO orders USING users ON true WHEN MATCHED THEN DELETE
        DECLARE c CURSOR FOR SELECT 1
        PREPARE p AS SELECT 1
        EXECUTE p
        DO $$ BEGIN END $$
        CALL proc_purge()
        LOCK TABLE orders
        LISTEN x
        SET ROLE postgres
        SHOW ALL
        VACUUM
        ANALYZE users
        REINDEX TABLE users
        EXPLAIN ANALYZE SELECT 1
        SELECT get_user_ssn(1)
        SELECT public.get_user_ssn(1)
        SELECT * FROM run_sql('SELECT ssn FROM users')
        SELECT 1 @#@ 2
        SELECT 1 OPERATOR(@#@) 2
        SELECT salary FROM employees e WHERE false
        SELECT e.* FROM employees e
        SELECT e FROM employees e
        SELECT row_to_json(e) FROM employees e
        SELECT count(e.salary) FROM employees e
        SELECT id FROM employees ORDER BY salary
        SELECT id FROM employees WHERE EXISTS (SELECT 1 WHERE salary > 777010)
        SELECT max(id) FILTER (WHERE salary > 777010) FROM employees
        SELECT id, rank() OVER (ORDER BY salary) FROM employees
        SELECT (employees).salary FROM employees
        SELECT (e).salary FROM employees AS e
        SELECT a.f FROM employees AS a(i, n, d, r, f, m, h)
        SELECT x.salary FROM regions r, LATERAL (SELECT salary FROM employees) x
        SELECT 1 FROM employees a JOIN employees b USING (salary)
        SELECT 1 FROM employees NATURAL JOIN (SELECT 777001 AS salary) s
        SELECT salary(e) FROM employees e
        SELECT ssn(u) FROM users u
        SELECT repeat('x', 100000000)
        SELECT lpad('x', 2147483647)
        SELECT repeat(repeat(repeat('x', 1000), 1000), 1000)
        SELECT generate_series(1, 1000000000)
        SELECT count(*) FROM generate_series(1, 100000000)
        SELECT * FROM generate_series(1::bigint, 9223372036854775807)
        SELECT generate_series(now(), now() + interval '1000 years', interval '1 second')
        SELECT factorial(100000)
        SELECT 9 ^ 99999999
        SELECT power(9.0, 100000)
        SELECT array_fill(1, ARRAY[100000000])
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT 1 FROM r, r AS s) SELECT 1 FROM r
        SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' ~ '(a*)*b\\1'
        SELECT regexp_replace(note, full_name, '') FROM orders, users
        SELECT count(*) FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b
        SELECT format('%1000000000s', 'x')
        WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT count(*) FROM r
        SELECT pg_sleep(1)
        SELECT pg_sleep_for('1 second')
        SELECT xmlparse(document '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')
        SELECT xpath('/a', '<a/>'::xml)
        SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS a text)
        SELECT dblink('host=127.0.0.1', 'select 1')
        SELECT * FROM crosstab('SELECT id::text, region, ssn FROM users')
        SELECT * FROM users TABLESAMPLE SYSTEM (10)
        SELECT * FROM users TABLESAMPLE BERNOULLI (50) REPEATABLE (1)
        SELECT * FROM ROWS FROM (pg_ls_dir('.')) AS x
        SELECT $1
        SELECT :x
        SELECT 1; SELECT 2
    """,
    "mask": """
        SELECT min(ssn || email) FROM users
        SELECT u.ssn FROM users AS u(a, b, c, ssn)
        SELECT md5(ssn) FROM users ORDER BY ssn LIMIT 3
        SELECT id FROM users ORDER BY email, ssn, phone DESC
        SELECT id FROM users WHERE ssn > '901' OR id < 5
        SELECT (SELECT ssn FROM users v WHERE v.id = u.id) FROM users u
        SELECT string_agg(ssn, ',' ORDER BY ssn) FROM users
        SELECT mode() WITHIN GROUP (ORDER BY email) FROM users
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ssn) FROM users
        SELECT to_jsonb(u) -> 'ssn' FROM users u
        SELECT to_tsvector(email) FROM users
        SELECT json_build_object('a', u) FROM users u
        SELECT ROW(u.*) FROM users u
        SELECT jsonb_path_query(to_jsonb(u), '$.ssn') FROM users u
        SELECT array_agg(u) FROM users u
        SELECT u::text FROM users u
        SELECT lag(ssn) OVER (ORDER BY id) FROM users
        SELECT first_value(u.email) OVER (PARTITION BY region ORDER BY id) FROM users u
        SELECT DISTINCT ON (ssn) id FROM users ORDER BY ssn, id
        SELECT ssn FROM users UNION SELECT email FROM users
        SELECT count(DISTINCT ssn) FROM users
        SELECT CASE WHEN ssn LIKE '9%' THEN 1/0 ELSE 0 END FROM users
        SELECT ssn::int FROM users
        SELECT ssn::date FROM users
        SELECT CAST(substr(ssn, 1, 3) AS int) FROM users
        SELECT to_number(ssn, '999') FROM users
        SELECT o.note FROM orders o WHERE o.note LIKE '%user%'
        SELECT length(note) FROM orders WHERE id = 10
        SELECT regexp_match(note, 'user([0-9]+)@') FROM orders
        SELECT id FROM users GROUP BY GROUPING SETS ((id, ssn), ()) ORDER BY ssn NULLS FIRST
        SELECT max(u.*::text) FROM users u
        SELECT id FROM users WHERE (ssn, email) = ('901-77-0001', 'user1@pii-canary.example')
        SELECT id FROM users WHERE email = ANY (ARRAY['user1@pii-canary.example'])
        SELECT id FROM users JOIN (VALUES ('user1@pii-canary.example')) v(email) USING (email)
    """,
    "filter": """
        SELECT count(*) FROM orders o FULL JOIN users u ON u.id = o.user_id
        SELECT id FROM users WHERE 1 / (id - 3) IS NOT NULL
        SELECT id FROM users WHERE 1 / (length(region) - 2) >= 0
        SELECT 1 / (CASE WHEN region = 'US' THEN 0 ELSE 1 END) FROM orders
        SELECT id FROM users WHERE CAST(CASE WHEN region = 'US' THEN 'x' ELSE '1' END AS int) = 1
        SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND 1 / (u.id % 3) > 0)
        SELECT id FROM orders WHERE amount / nullif(user_id % 3, 1) > 0 OFFSET 0
        SELECT sum(amount) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders
        SELECT r.code, (SELECT count(*) FROM orders o WHERE o.region = r.code) FROM regions r ORDER BY 1
        SELECT r.code FROM regions r WHERE r.code NOT IN (SELECT region FROM orders)
        SELECT r.code FROM regions r WHERE r.code <> ALL (SELECT region FROM sales)
        SELECT max(id) FROM employees
        SELECT avg(id), stddev(id), count(*) FROM employees WHERE name LIKE 'USROW%' OR true
        SELECT memo FROM sales ORDER BY amount DESC LIMIT 1
        SELECT memo FROM sales WHERE region IN ('US', 'EU') OR 1 = 1
        SELECT 1 FROM sales HAVING count(*) > 20
        SELECT id FROM generate_series(1, 60) AS g(id) EXCEPT SELECT id FROM users
        SELECT g FROM generate_series(1, 700) AS g WHERE NOT EXISTS (SELECT 1 FROM orders WHERE id = g)
        SELECT user_id, count(*) FROM events e LEFT JOIN users u ON u.id = e.user_id WHERE u.id IS NULL GROUP BY 1 ORDER BY 1
        SELECT o.* FROM users u JOIN LATERAL (SELECT * FROM orders WHERE user_id = u.id ORDER BY amount DESC LIMIT 1) o ON true
        WITH RECURSIVE t(i) AS (SELECT 30 UNION ALL SELECT e.id FROM employees e JOIN t ON e.id = t.i - 1 WHERE i > 9) SELECT * FROM t
    """,
}
_CLICKHOUSE = {
    "block": """
        SELECT *
        SELECT * FROM system.one
        SELECT * FROM system.query_log
        SELECT * FROM `system`.`tables`
        SELECT * FROM information_schema.tables
        SELECT * FROM INFORMATION_SCHEMA.COLUMNS
        SELECT * FROM app.`.inner.x`
        SELECT * FROM v_users_raw
        SELECT * FROM pv_users(x = 1)
        SELECT * FROM users_dict
        SELECT * FROM dictionary('app.users_dict')
        SELECT dictGet('app.users_dict', 'ssn', toUInt64(1))
        SELECT dictGetOrNull('app.users_dict', 'ssn', toUInt64(1))
        SELECT dictHas('app.users_dict', toUInt64(1))
        SELECT dictionary('app.users_dict')
        SELECT joinGet('app.users_join', 'ssn', toInt32(1))
        SELECT joinGetOrNull('app.users_join', 'ssn', toInt32(1))
        SELECT 1 IN app.ssn_set
        SELECT '901-77-0001' IN ssn_set
        SELECT 1 WHERE ('901-77-0001') IN (app.ssn_set)
        SELECT * FROM users_by_ssn
        SELECT * FROM secrets
        SELECT * FROM merge(app, 'users')
        SELECT * FROM merge('users')
        SELECT * FROM cluster('default', app.users)
        SELECT * FROM remote('127.0.0.1', app.users)
        SELECT * FROM remoteSecure('127.0.0.1', app.users)
        SELECT * FROM url('http://127.0.0.1/')
        SELECT * FROM s3('http://127.0.0.1/a')
        SELECT * FROM file('/etc/passwd', LineAsString)
        SELECT * FROM executable('id', TSV, 'a String')
        SELECT * FROM mysql('127.0.0.1:3306', 'a', 'b', 'c', 'd')
        SELECT * FROM postgresql('127.0.0.1:5432', 'a', 'b', 'c', 'd')
        SELECT * FROM input('a String')
        SELECT * FROM view(SELECT * FROM secrets)
        SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
        SELECT * FROM mergeTreeIndex(app, users_by_ssn)
        SELECT * FROM generateRandom('a String')
        SELECT * FROM null('a String')
        SELECT * FROM loop(app.users)
        SELECT * FROM fuzzQuery('SELECT 1')
        SELECT * FROM format(TSV, 'x')
        SELECT * FROM zeros(10)
        SELECT * FROM numbers(1000000000)
        SELECT * FROM numbers_mt(10)
        SELECT count() FROM numbers(100000) AS a, numbers(100000) AS b, system.numbers AS c
        SELECT range(1000000000)
        SELECT arrayJoin(range(100000000))
        SELECT repeat('x', 1000000000)
        SELECT arrayReduce('flameGraph', [1])
        SELECT arrayWithConstant(id * 10000000, 1) FROM users
        SELECT sleep(3)
        SELECT sleepEachRow(1) FROM numbers(10)
        SELECT SlEeP(3)
        SELECT throwIf(1)
        SELECT currentUser()
        SELECT user()
        SELECT hostName()
        SELECT version()
        SELECT getSetting('readonly')
        SELECT getMacro('x')
        SELECT serverUUID()
        SELECT displayName()
        SELECT currentDatabase()
        SELECT database()
        SELECT uptime()
        SELECT queryID()
        SELECT connectionId()
        SELECT initialQueryID()
        SELECT hasColumnInTable('app', 'secrets', 'api_key')
        SELECT isMergeTreePartCoveredBy('a', 'b')
        SELECT filesystemAvailable()
        SELECT file('/etc/passwd')
        SELECT addressToLine(1)
        SELECT demangle('x')
        SELECT catboostEvaluate('/m', 1)
        SELECT blockNumber() FROM orders
        SELECT tcpPort()
        SELECT _part FROM users
        SELECT _table, _database FROM users
        SELECT _part_offset FROM orders
        SELECT _sample_factor FROM users
        SELECT users._part FROM users
        SELECT salary FROM employees
        SELECT * FROM employees
        SELECT e.* FROM employees AS e
        SELECT * EXCEPT (salary) FROM employees
        SELECT * REPLACE (0 AS salary) FROM employees
        SELECT COLUMNS('sal') FROM employees
        SELECT COLUMNS(salary) FROM employees
        SELECT employees.COLUMNS('.*') FROM employees
        SELECT * APPLY(toString) FROM employees
        SELECT untuple(tuple(*)) FROM employees
        SELECT tupleElement(tuple(*), 'salary') FROM employees
        SELECT id FROM employees PREWHERE salary > 777010
        SELECT id FROM employees ORDER BY salary
        SELECT id FROM employees LIMIT 1 BY salary
        SELECT `salary` FROM employees
        SELECT "salary" FROM employees
        SELECT employees.salary FROM employees
        SELECT app.employees.salary FROM app.employees
        SELECT 1 FROM employees AS a ANY JOIN employees AS b USING (salary)
        SELECT argMax(id, salary) FROM employees
        SELECT 1 SETTINGS max_execution_time = 0
        SELECT 1 FORMAT Null
        SELECT 1 INTO OUTFILE 'x'
        SELECT 1; SELECT 2
        INSERT INTO docs SELECT 1
        INSERT INTO FUNCTION file('x') SELECT 1
        SHOW TABLES
        SHOW CREATE TABLE users
        DESCRIBE users
        DESCRIBE file('/etc/passwd')
        EXISTS TABLE secrets
        EXPLAIN SELECT 1
        EXPLAIN ESTIMATE SELECT * FROM users
        CHECK TABLE users
        KILL QUERY WHERE 1
        SYSTEM FLUSH LOGS
        SET readonly = 0
        USE app
        OPTIMIZE TABLE users FINAL
        ATTACH TABLE x
        DETACH TABLE users
        RENAME TABLE users TO x
        CREATE FUNCTION f AS x -> x
        BACKUP TABLE users TO Disk('x', 'y')
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count() FROM r
        SELECT finalizeAggregation(CAST('a' AS AggregateFunction(groupArray, String)))
        SELECT CAST('x' AS AggregateFunction(uniq, String))
        SELECT evalMLMethod(1, 2)
        SELECT formatRow('CSV', ssn) FROM users
        SELECT structureToProtobufSchema('a String')
        SELECT encrypt('aes-256-ecb', ssn, 'k') FROM users
        SELECT reinterpret(1, 'AggregateFunction(uniq, String)')
        FROM secrets SELECT *
        FROM employees SELECT salary
    """,
    "mask": """
        SELECT groupArray(ssn) FROM users
        SELECT ssn AS email, email AS ssn FROM users ORDER BY id LIMIT 2
        SELECT id FROM users ORDER BY ssn, email, id
        WITH ssn AS x SELECT x FROM users
        SELECT tuple(*) FROM users
        SELECT (id, ssn).2 FROM users
        SELECT u.ssn FROM users AS u SEMI JOIN users AS v ON u.ssn = v.ssn
        SELECT arrayMap(x -> concat(x, ssn), [email]) FROM users
        SELECT arrayFilter(x -> x = ssn, ['901-77-0001']) FROM users
        SELECT id FROM users WHERE ssn IN ('901-77-0001', '902-77-0002')
        SELECT id FROM users PREWHERE email LIKE 'user1%'
        SELECT id FROM users FINAL WHERE email LIKE 'user1%'
        SELECT id FROM users LIMIT 1 BY ssn
        SELECT uniqExact(ssn), uniq(email), any(phone), anyLast(ssn), argMin(email, id) FROM users
        SELECT topK(3)(ssn) FROM users
        SELECT toInt32(substring(ssn, 1, 3)) FROM users
        SELECT toUInt64OrNull(ssn) FROM users
        SELECT * REPLACE (lower(ssn) AS ssn) FROM users
        SELECT cityHash64(ssn) FROM users
        SELECT ssn, count() FROM users GROUP BY ssn WITH TOTALS
        SELECT ssn, count() FROM users GROUP BY ssn WITH ROLLUP
        SELECT email FROM users ORDER BY id WITH FILL
        SELECT lagInFrame(ssn) OVER (ORDER BY id) FROM users
        SELECT if(ssn = '901-77-0001', throwIf(0), 0) FROM users
        SELECT intDiv(1, ssn = '***-**-****') FROM users
        SELECT note FROM orders WHERE match(note, 'user[0-9]+')
    """,
    "filter": """
        SELECT 'EU' AS region, note FROM orders WHERE region = 'EU'
        SELECT 'EU' AS region, count() FROM orders
        SELECT count() FROM orders SAMPLE 1/2
        SELECT count() FROM orders FINAL SAMPLE 1
        SELECT id FROM orders PREWHERE intDiv(1, if(region = 'US', 0, 1)) = 1
        SELECT id FROM users WHERE intDiv(1, id - 3) >= 0 ORDER BY id
        SELECT id FROM users WHERE throwIf(region = 'US') = 0
        SELECT toInt32(if(region = 'US', 'x', '1')) FROM orders
        SELECT modulo(1, length(region) - 2) FROM orders
        SELECT id FROM users GLOBAL ANY LEFT JOIN orders ON users.id = orders.user_id
        SELECT r.code, count(o.id) FROM regions AS r LEFT JOIN orders AS o ON o.region = r.code GROUP BY r.code ORDER BY r.code
        SELECT code FROM regions WHERE code NOT IN (SELECT region FROM orders)
        SELECT number FROM numbers(70) WHERE number NOT IN (SELECT id FROM users)
        SELECT e.user_id FROM events AS e ANTI LEFT JOIN users AS u ON u.id = e.user_id ORDER BY e.user_id
        SELECT x.id FROM (SELECT *, 'EU' AS region FROM orders) AS x ORDER BY x.id LIMIT 5
        SELECT count(), sum(amount), max(id) FROM orders
        SELECT quantiles(0.1, 0.9)(amount), groupBitXor(id) FROM orders
        SELECT arrayJoin(groupArray(id)) FROM users
        SELECT max(name), count() FROM employees
        SELECT count() FROM users AS a CROSS JOIN users AS b
        SELECT count() FROM users ARRAY JOIN [1, 2] AS x
        SELECT id FROM users ASOF JOIN orders ON users.id = orders.user_id AND users.created_at <= orders.created_at
    """,
}
OWN: tuple[tuple[str, str, str], ...] = tuple(
    (engine, expect, line.strip())
    for engine, kinds in (("postgres", _POSTGRES), ("clickhouse", _CLICKHOUSE))
    for expect, text in kinds.items()
    for line in text.splitlines()
    if line.strip()
)
