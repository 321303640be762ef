-- Organizations and the people in them.
create type public.organization_type as enum ('personal', 'team', 'enterprise');
create type public.member_role as enum ('member', 'admin', 'owner');

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null unique,
  type public.organization_type not null default 'personal',
  settings jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  email text not null,
  full_name text not null,
  created_at timestamptz not null default now()
);

create table public.organization_members (
  organization_id uuid not null references public.organizations on delete cascade,
  profile_id uuid not null references public.profiles on delete cascade,
  role public.member_role not null default 'member',
  joined_at timestamptz not null default now(),
  primary key (organization_id, profile_id)
);

alter table public.organizations enable row level security;
create policy "members read their organizations" on public.organizations for select
  using (exists (
    select 1 from public.organization_members m
    where m.organization_id = id and m.profile_id = auth.uid()
  ));
