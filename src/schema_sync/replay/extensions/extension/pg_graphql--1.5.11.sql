-- Signatures of Supabase's pg_graphql 1.5, in its schema graphql.
do $$ begin if to_regnamespace('graphql') is null then create schema graphql; end if; end $$;
create sequence graphql.seq_schema_version as integer cycle;
create function graphql.resolve(query text, variables jsonb default '{}', "operationName" text default null,
  extensions jsonb default null) returns jsonb language sql return '{}'::jsonb;
create function graphql._internal_resolve(query text, variables jsonb default '{}',
  "operationName" text default null, extensions jsonb default null) returns jsonb language sql return '{}'::jsonb;
create function graphql.get_schema_version() returns integer language sql return 1;
create function graphql.increment_schema_version() returns event_trigger language plpgsql as 'begin end';
create function graphql.comment_directive(comment_ text) returns jsonb language sql immutable return '{}'::jsonb;
create function graphql.exception(message text) returns text language plpgsql
  as 'begin raise exception using errcode = ''22000'', message = message; end';
