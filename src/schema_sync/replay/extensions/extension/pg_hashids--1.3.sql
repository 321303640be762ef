-- Signatures of pg_hashids 1.3.
do $$
declare f text; more text;
begin
  foreach more in array array['', ', text', ', text, integer', ', text, integer, text'] loop
    foreach f in array array['id_encode', 'hash_encode'] loop
      execute format('create function %I(bigint%s) returns text language sql immutable strict return $1::text', f, more);
    end loop;
    execute format('create function id_encode(bigint[]%s) returns text language sql immutable strict'
      ' return array_to_string($1, ''.'')', more);
    execute format('create function id_decode(text%s) returns bigint[] language sql immutable strict'
      ' return string_to_array($1, ''.'')::bigint[]', more);
    execute format('create function id_decode_once(text%s) returns bigint language sql immutable strict'
      ' return $1::bigint', more);
    execute format('create function hash_decode(text%s) returns bigint language sql immutable strict'
      ' return $1::bigint', more);
  end loop;
end $$;
