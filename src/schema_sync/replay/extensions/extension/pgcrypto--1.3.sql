-- Signatures of PostgreSQL's pgcrypto 1.3, for servers built without it (it needs OpenSSL). Nothing here
-- encrypts: it stands where a schema is read, never where secrets are kept.
create function digest(text, text) returns bytea language sql immutable strict parallel safe
  return sha256(convert_to($1, 'UTF8'));
create function digest(bytea, text) returns bytea language sql immutable strict parallel safe
  return sha256($1);
create function hmac(text, text, text) returns bytea language sql immutable strict parallel safe
  return sha256(convert_to($1 || $2, 'UTF8'));
create function hmac(bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return sha256($1 || $2);
create function crypt(text, text) returns text language sql immutable strict parallel safe
  return md5($1 || $2);
create function gen_salt(text) returns text language sql volatile strict parallel safe
  return md5(random()::text);
create function gen_salt(text, int4) returns text language sql volatile strict parallel safe
  return md5(random()::text);
create function encrypt(bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function decrypt(bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function encrypt_iv(bytea, bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function decrypt_iv(bytea, bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function gen_random_bytes(int4) returns bytea language sql volatile strict parallel safe
  begin atomic
    select substr(string_agg(uuid_send(pg_catalog.gen_random_uuid()), ''::bytea), 1, $1)
      from generate_series(0, $1 / 16);
  end;
create function gen_random_uuid() returns uuid language sql volatile parallel safe
  return pg_catalog.gen_random_uuid();
create function pgp_sym_encrypt(text, text) returns bytea language sql volatile strict parallel safe
  return convert_to($1, 'UTF8');
create function pgp_sym_encrypt_bytea(bytea, text) returns bytea language sql volatile strict parallel safe
  return $1;
create function pgp_sym_encrypt(text, text, text) returns bytea language sql volatile strict parallel safe
  return convert_to($1, 'UTF8');
create function pgp_sym_encrypt_bytea(bytea, text, text) returns bytea language sql volatile strict parallel safe
  return $1;
create function pgp_sym_decrypt(bytea, text) returns text language sql immutable strict parallel safe
  return convert_from($1, 'UTF8');
create function pgp_sym_decrypt_bytea(bytea, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function pgp_sym_decrypt(bytea, text, text) returns text language sql immutable strict parallel safe
  return convert_from($1, 'UTF8');
create function pgp_sym_decrypt_bytea(bytea, text, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function pgp_pub_encrypt(text, bytea) returns bytea language sql volatile strict parallel safe
  return convert_to($1, 'UTF8');
create function pgp_pub_encrypt_bytea(bytea, bytea) returns bytea language sql volatile strict parallel safe
  return $1;
create function pgp_pub_encrypt(text, bytea, text) returns bytea language sql volatile strict parallel safe
  return convert_to($1, 'UTF8');
create function pgp_pub_encrypt_bytea(bytea, bytea, text) returns bytea language sql volatile strict parallel safe
  return $1;
create function pgp_pub_decrypt(bytea, bytea) returns text language sql immutable strict parallel safe
  return convert_from($1, 'UTF8');
create function pgp_pub_decrypt_bytea(bytea, bytea) returns bytea language sql immutable strict parallel safe
  return $1;
create function pgp_pub_decrypt(bytea, bytea, text) returns text language sql immutable strict parallel safe
  return convert_from($1, 'UTF8');
create function pgp_pub_decrypt_bytea(bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function pgp_pub_decrypt(bytea, bytea, text, text) returns text language sql immutable strict parallel safe
  return convert_from($1, 'UTF8');
create function pgp_pub_decrypt_bytea(bytea, bytea, text, text) returns bytea language sql immutable strict parallel safe
  return $1;
create function pgp_key_id(bytea) returns text language sql immutable strict parallel safe
  return encode(substr($1, 1, 8), 'hex');
create function armor(bytea) returns text language sql immutable strict parallel safe
  return encode($1, 'base64');
create function armor(bytea, text[], text[]) returns text language sql immutable strict parallel safe
  return encode($1, 'base64');
create function dearmor(text) returns bytea language sql immutable strict parallel safe
  return decode($1, 'base64');
create function pgp_armor_headers(text, out key text, out value text) returns setof record
  language sql immutable strict parallel safe
  begin atomic
    select null::text, null::text where false;
  end;
