-- The names of the columns stand apart from the rows: there may be none of these, and a name twice.
set local statement_timeout = '__MILLISECONDS__ms';
with answer as materialized (
  select * from (
__QUERY__
  ) as answer limit __LIMIT__
),
whole as materialized (
  select pg_catalog.convert_to(pg_catalog.json_build_array(
    (select pg_catalog.row_to_json(h.*)::text
     from (select a.* from (select) as one left join (select * from answer limit 0) as a on true) as h),
    (select coalesce(pg_catalog.json_agg(pg_catalog.row_to_json(row(answer.*))), '[]') from answer)
  )::text, 'UTF8') as body
)
select pg_catalog.octet_length(body) as size, pg_catalog.md5(body) as digest,
       pg_catalog.encode(pg_catalog.substr(body, 1, __COUNT__), 'base64') as page
from whole
