-- The signatures of plpgsql_check 2.7 that migrations use.
create function plpgsql_check_function(funcoid regprocedure, relid regclass default 0, format text default 'text',
  fatal_errors boolean default true, other_warnings boolean default true) returns setof text
  language sql begin atomic select null::text where false; end;
create function plpgsql_check_function(name text, relid regclass default 0, format text default 'text',
  fatal_errors boolean default true, other_warnings boolean default true) returns setof text
  language sql begin atomic select null::text where false; end;
create function plpgsql_check_function_tb(funcoid regprocedure, relid regclass default 0,
  fatal_errors boolean default true, other_warnings boolean default true)
  returns table (functionid regproc, lineno integer, statement text, sqlstate text, message text, detail text,
    hint text, level text, "position" integer, query text, context text)
  language sql as 'select null::regproc, 0, null::text, null::text, null::text, null::text, null::text, null::text,'
    ' 0, null::text, null::text where false';
