-- The operators of PGroonga 3.2 on text, and its access method over PostgreSQL's BRIN: indexes can be declared.
create function pgroonga_match_text(text, text) returns boolean language sql immutable strict
  return position($2 in $1) > 0;
create function pgroonga_match_text_array(text[], text) returns boolean language sql immutable strict
  return $2 = any ($1);
create function pgroonga_match_texts(text, text[]) returns boolean language sql immutable strict return $1 = any ($2);
create function pgroonga_score(tableoid oid, ctid tid) returns double precision language sql return 0::float8;
create function pgroonga_score("row" record) returns double precision language plpgsql as 'begin return 0; end';
create function pgroonga_command(groongacommand text) returns text language sql return '[]'::text;
create function pgroonga_snippet_html(target text, keywords text[]) returns text[] language sql immutable
  return array[target];
create function pgroonga_highlight_html(target text, keywords text[]) returns text language sql immutable
  return target;
create function pgroonga_query_extract_keywords(query text) returns text[] language sql immutable
  return string_to_array(query, ' ');
create function pgroonga_escape(value text) returns text language sql immutable strict return value;
create function pgroonga_normalize(target text) returns text language sql immutable strict return lower(target);
create operator &@ (leftarg = text, rightarg = text, function = pgroonga_match_text);
create operator &@~ (leftarg = text, rightarg = text, function = pgroonga_match_text);
create operator &@| (leftarg = text, rightarg = text[], function = pgroonga_match_texts);
create operator &@~| (leftarg = text, rightarg = text[], function = pgroonga_match_texts);
create operator &^ (leftarg = text, rightarg = text, function = pgroonga_match_text);
create operator &@ (leftarg = text[], rightarg = text, function = pgroonga_match_text_array);
create operator &@~ (leftarg = text[], rightarg = text, function = pgroonga_match_text_array);
create access method pgroonga type index handler brinhandler;
do $$
declare one record;
begin
  for one in select * from (values
    ('text', 'text', 'full_text_search', true), ('text', 'text', 'term_search', false),
    ('text', 'text', 'regexp', false), ('varchar', 'text', 'term_search', true),
    ('varchar', 'text', 'full_text_search', false), ('text[]', 'anyarray', 'full_text_search', true),
    ('text[]', 'anyarray', 'term_search', false), ('varchar[]', 'anyarray', 'term_search', true),
    ('jsonb', 'jsonb', 'ops', true), ('jsonb', 'jsonb', 'full_text_search', false),
    ('uuid', 'uuid', 'ops', true), ('integer', 'int4', 'ops', true), ('bigint', 'int8', 'ops', true),
    ('boolean', 'bool', 'ops', true), ('timestamptz', 'timestamptz', 'ops', true)
  ) t (type, compared, word, standard) loop
    execute pg_catalog.format('create operator class %I %s for type %s using pgroonga as operator 1 < (%s, %4$s),'
      ' operator 2 <= (%4$s, %4$s), operator 3 = (%4$s, %4$s), operator 4 >= (%4$s, %4$s), operator 5 > (%4$s, %4$s),'
      ' function 1 brin_minmax_opcinfo(internal), function 2 brin_minmax_add_value(internal, internal, internal, internal),'
      ' function 3 brin_minmax_consistent(internal, internal, internal),'
      ' function 4 brin_minmax_union(internal, internal, internal)',
      'pgroonga_' || replace(one.type, '[]', '_array') || '_' || one.word || case when one.word = 'ops' then '_v2' else '_ops_v2' end,
      case when one.standard then 'default' else '' end, one.type, one.compared);
  end loop;
end $$;
