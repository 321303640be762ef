-- What the Python code has not heard of yet.
create type public.billing_plan as enum ('free', 'pro', 'enterprise');

alter type public.project_status add value 'on_hold' before 'archived';

alter table public.organizations
  add column billing_plan public.billing_plan not null default 'free',
  add column max_members integer;

alter table public.projects
  alter column score type integer using score::integer,
  alter column description set default '';

alter table public.profiles alter column full_name drop not null;

create table public.invoices (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations on delete cascade,
  amount numeric(12, 2) not null,
  paid_at timestamptz
);

create table public.project_members (
  project_id uuid not null references public.projects on delete cascade,
  profile_id uuid not null references public.profiles on delete cascade,
  role public.member_role not null default 'member',
  primary key (project_id, profile_id)
);

create view public.active_projects as
  select id, organization_id, name from public.projects where status = 'active';
