-- What supabase_vault 0.3 offers, in its schema vault. Nothing here encrypts: it stands where a schema is read,
-- never where secrets are kept.
do $$ begin if to_regnamespace('vault') is null then create schema vault; end if; end $$;
create table vault.secrets (
  id uuid primary key default gen_random_uuid(), name text, description text not null default '',
  secret text not null, key_id uuid, nonce bytea, created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index secrets_name_idx on vault.secrets (name) where name is not null;
create view vault.decrypted_secrets as
  select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at
  from vault.secrets;
create function vault.create_secret(new_secret text, new_name text default null, new_description text default '',
  new_key_id uuid default null) returns uuid language sql begin atomic
  insert into vault.secrets (secret, name, description) values (new_secret, new_name, new_description) returning id;
end;
create function vault.update_secret(secret_id uuid, new_secret text default null, new_name text default null,
  new_description text default null, new_key_id uuid default null) returns void language sql begin atomic
  update vault.secrets s set secret = coalesce(new_secret, s.secret), name = coalesce(new_name, s.name),
    description = coalesce(new_description, s.description) where s.id = secret_id;
end;
create function vault._crypto_aead_det_encrypt(message bytea, additional bytea, key_id bigint,
  context bytea default 'pgsodium', nonce bytea default null) returns bytea language sql immutable return message;
create function vault._crypto_aead_det_decrypt(message bytea, additional bytea, key_id bigint,
  context bytea default 'pgsodium', nonce bytea default null) returns bytea language sql immutable return message;
create function vault._crypto_aead_det_noncegen() returns bytea language sql volatile return '\x00'::bytea;
