-- Signatures of pgjwt 0.2. Nothing is signed.
create function url_encode(data bytea) returns text language sql immutable
  return translate(encode(data, 'base64'), E'+/=\n', '-_');
create function url_decode(data text) returns bytea language sql immutable
  return decode(rpad(translate(data, '-_', '+/'), (length(data) + 3) / 4 * 4, '='), 'base64');
create function algorithm_sign(signables text, secret text, algorithm text) returns text language sql immutable
  return md5(signables || secret);
create function sign(payload json, secret text, algorithm text default 'HS256') returns text language sql immutable
  return md5(payload::text || secret);
create function try_cast_double(inp text) returns double precision language plpgsql immutable
  as 'begin return inp::double precision; exception when others then return null; end';
create function verify(token text, secret text, algorithm text default 'HS256')
  returns table (header json, payload json, valid boolean) language sql immutable begin atomic
  select '{}'::json, '{}'::json, false;
end;
