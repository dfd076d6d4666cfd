"""SQL of every shape that models have, over `t`, `u` and `v`; each has a total order where it has a limit."""

from __future__ import annotations

BOTH = {
    "filter": "select a, b + c as s from t where k > 2",
    "inner join": "select t.a as a, u.x as x from t join u on t.id = u.t_id",
    "left join that may repeat": "select t.a as a, u.x as x from t left join u on t.id = u.t_id and u.y > 2",
    "left join that can't repeat": """
        with g as (select t_id, sum(x) as total from u where y > 1 group by t_id)
        select t.a as a, t.b as b, coalesce(g.total, 0) as total from t left join g on g.t_id = t.id""",
    "left join on a part of the key": """
        with g as (select t_id, k, sum(x) as total from u group by t_id, k)
        select t.a as a, g.total as total from t left join g on g.t_id = t.id""",
    "left join on an altered key": """
        with g as (select t_id + k as both_of, sum(x) as total from u group by t_id + k)
        select t.a as a, g.total as total from t left join g on g.both_of = t.id""",
    "left join on a grouped key that lost its name": """
        with g as (select k as t_id, sum(x) as total from u group by t_id, k)
        select t.a as a, g.total as total from t left join g on g.t_id = t.id""",
    "left join on distinct": "select t.a as a, d.k as dk from t left join (select distinct k from u where x > 3) as d on d.k = t.k",
    "left join on distinct pairs": "select t.a as a from t left join (select distinct k, y from u) as d on d.k = t.k",
    "left join through a star": """
        with g as (select t_id, sum(x) as total from u group by t_id), s as (select * from g where total > 3)
        select t.a as a, s.total as total from t left join s on s.t_id = t.id""",
    "full join": "select t.a as a, u.x as x from t full join u on t.id = u.t_id",
    "right join": "select t.a as a, u.x as x from t right join u on t.id = u.t_id",
    "cross join": "select t.a as a, v.z as z from t cross join v where v.n > t.k",
    "join using": "select k, a, z from t join v using (k)",
    "star of a join": "select t.*, v.z as z from t join v on t.k = v.k",
    "star of a subquery": "select * from (select a, b from t where c > 3) as s",
    "aggregation": "select k, sum(a) as s, count(*) as n from t group by k having max(b) > 3",
    "aggregation without keys": "select sum(a) as s, count(*) as n, min(b) as m from t where c > 2",
    "aggregation by place": "select k + 1 as kk, sum(a) as s from t group by 1",
    "distinct": "select distinct k, b from t where a > 1",
    "order and limit": "select a, b from t order by c, id limit 7",
    "window": "select a, row_number() over (partition by k order by b, id) as n, sum(c) over (partition by k) as s from t",
    "latest of each": """
        select a, b from (select a, b, row_number() over (partition by k order by c desc, id) as n from t) as s where n = 1""",
    "two ctes": """
        with one as (select id, a from t where b > 1), two as (select t_id, max(x) as x from u group by t_id)
        select one.a as a, two.x as x from one join two on one.id = two.t_id""",
    "cte that hides a table": "with u as (select id, a as x from t where k > 1) select x from u",
    "ctes on ctes": "with one as (select a, k from t), two as (select a + 1 as a, k from one where k > 1) select a from two where k < 5",
    "union all": "select a, k from t where b > 2 union all select x, y from u",
    "union distinct": "select k from t union distinct select y from u",
    "union of three": "select a as p from t union all select x from u union all select z from v where n > 1",
    "intersect": "select a + k as s from t intersect select x + y from u",
    "except": "select k, b from t except select y, x from u",
    "in a subquery": "select a from t where k in (select k from u where x > 2)",
    "not in a subquery": "select a from t where t.id not in (select t_id from u where y > 2 and t_id is not null)",
    "scalar subquery": "select a, (select max(x) from u where y > 1) as top from t",
    "subquery in a condition": "select a from t where b > (select avg(x) from u where u.y > 1)",
    "case": "select case when b > 2 then a else c end as r from t",
    "derived table": "select s.r + 1 as q from (select a + b as r, c from t) as s where s.c > 2",
    "aggregates of aggregates": "select max(s) as m from (select k, sum(a) as s from t group by k) as g where k > 1",
    "nothing of the rows": "select 1 as one from t where a > 2",
    "recursive": """
        with recursive r as (select id, a, 0 as depth from t where k > 3 union all select r.id, r.a + 1, r.depth + 1 from r where r.depth < 3 and r.a < 4)
        select a, depth from r""",
    "recursive that joins": """
        with recursive r as (select id, k, a from t where id < 3 union all select v.n, v.z, r.a from r join v on v.k = r.k where v.n > r.id)
        select a, k from r""",
}

POSTGRES = {
    "left join on one row": "select t.a as a, m.top as top from t left join (select max(x) as top from u where y > 2) as m on m.top > t.b",
    "exists": "select a from t where exists (select 1 from u where u.t_id = t.id and u.x > 2)",
    "not exists": "select a from t where not exists (select * from u where u.t_id = t.id and u.y > 2)",
    "correlated scalar": "select a, (select sum(x) from u where u.t_id = t.id and y < 5) as s from t",
    "lateral": "select t.a as a, l.top as top from t left join lateral (select max(x) as top from u where u.k = t.k) as l on true",
    "lateral that limits": "select a, l.x as x from t cross join lateral (select x from u where u.k = t.k order by y, id limit 1) as l",
    "distinct on": "select distinct on (k) k, a from t where b > 1 order by k, c, id",
    "aggregate filter": "select k, sum(a) filter (where b > 2) as s from t group by k",
    "grouping sets": "select k, b, sum(a) as s from t group by grouping sets ((k), (b), ())",
    "rollup": "select k, sum(a) as s from t group by rollup (k)",
    "unnest in from": "select t.b as b, e.item as item from t cross join unnest(t.arr) as e (item)",
    "unnest in select": "select b, unnest(arr) as item from t",
    "unnest with ordinality": "select b, item, place from t, unnest(t.arr) with ordinality as e (item, place)",
    "generate_series": "select t.a as a, s.n as n from t cross join generate_series(1, t.k) as s (n)",
    "series by its alias": "select t.a as a, n from t cross join generate_series(1, t.k) as n",
    "array_agg": "select k, array_agg(a order by b, id) as list from t group by k",
    "ordered subquery": "select string_agg(a::text, ',') as list from (select a from t where a is not null order by b, c, id) as s",
    "percentile": "select k, percentile_cont(0.5) within group (order by a) as m from t group by k",
    "named window": "select a, sum(b) over w as s from t window w as (partition by k order by c, id)",
    "values": "select t.a as a, w.label as label from t join (values (1, 'x'), (2, 'y')) as w (k, label) on w.k = t.k",
    "whole row": "select t is null as gone, md5(v::text) as h from t join v on t.k = v.k",
    "nested join": "select t.a as a, v.z as z from t left join (u join v on u.k = v.k) on u.t_id = t.id",
    "natural join": "select k, a, z from t natural join v",
    "alias of group by": "select k % 2 as odd, sum(a) as s from t group by odd",
    "column names of an alias": "select p + q as s from (select a, b from t) as s (p, q) where p > 1",
    "any of a subquery": "select a from t where b = any (select y from u)",
    "with in a subquery": "select s.a as a from (with w as (select a from t where b > 2) select a from w) as s",
    "limit of a subquery": "select sum(a) as s from (select a from t order by b, id limit 5) as s",
    "brackets": "(select a from t where k > 1) union all (select x from u order by y, id limit 3)",
    "count of a column": "select count(b) as n, count(distinct c) as d from t",
    "window of a window": "select a, max(n) over (partition by b) as m from (select a, b, row_number() over (order by c, id) as n from t) as s",
}

CLICKHOUSE = {
    "alias before column": "select k + 1 as b, b * 2 as twice from t",
    "alias of its own column": "select b + 1 as b, b * 2 as twice from t where b > 2",
    "alias within": "select (a + 1 as q) * 2 as r, q + 1 as s from t",
    "prewhere": "select a from merge_t prewhere b > 2 where c > 1",
    "array join": "select b, item from t array join arr as item where item > 1",
    "array join in place": "select b, arr from t array join arr",
    "left array join": "select b, item from t left array join arr as item",
    "arrayJoin": "select b, arrayJoin(arr) as item from t",
    "lambda": "select arraySum(x -> x * k, arr) as s, arrayFilter(b -> b > 1, arr) as f from t",
    "limit by": "select k, a from t order by k, b, id limit 1 by k",
    "combinators": "select k, sumIf(a, b > 2) as s, argMax(a, (c, id)) as top, quantile(0.5)(a) as q from t group by k",
    "scalar with": "with (select max(x) from u where y > 1) as top, 2 as two select a + two as s, top from t",
    "expression with": "with a + b as s select s * 2 as d from t where s > 3",
    "except": "select * except (arr, id) from t where a > 1",
    "replace": "select * except (arr) replace (a + b as a) from t",
    "in a table": "select a from t where k in (select k from v)",
    "any left join": "select t.a as a, g.total as total from t any left join (select t_id, sum(x) as total from u group by t_id) as g on g.t_id = t.id",
    "semi join": "select a from t left semi join u on u.t_id = t.id",
    "qualify": "select a from t qualify row_number() over (partition by k order by b, id) = 1",
    "numbers": "select t.a as a, n.number as n from t cross join numbers(3) as n where n.number < t.k",
    "group by alias": "select k % 2 as odd, count() as n from t group by odd",
    "group by all": "select k, b, sum(a) as s from t group by all",
    "union of ctes": "with w as (select a, k from t) select a from w where k > 2 union all select a from w where k < 2",
    "with totals of a subquery": "select max(s) as m from (select k, sum(a) as s from t group by k having s > 2) as g",
}
