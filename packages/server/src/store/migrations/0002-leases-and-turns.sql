-- The lease is part of the row: an active job without one waits for an agent.
drop schema if exists queue cascade;
alter table job
  drop column queue_id,
  -- Until when its agent has promised to be heard of again, by the clock of the database.
  add column lease_until timestamptz,
  -- Whose turn it is: the smallest goes first. See decision 6.
  add column turn bigint not null default 0,
  -- What the headers of the inputs let expect; 0: unknown.
  add column memory_megabytes integer not null default 0,
  add constraint only_active_jobs_are_leased check (lease_until is null or state = 'active');
drop index job_by_agent;
-- As agents look for work: what was begun before, then by turn.
create index job_in_turn on job ((attempt = 0), turn, submitted_at, id) where state = 'active';

-- The turn that was begun last, and the next one of each tenant.
create table queue_turn (current bigint not null);
insert into queue_turn values (0);
create table tenant_turn (org text primary key, next bigint not null);

-- Processes that share this database, each heard of every few seconds.
create table service_process (
  name text primary key,
  role text not null check (role in ('api', 'agent')),
  -- Where an API process is reached by agents; what an agent can give to one job.
  url text,
  memory_limit_megabytes integer,
  seen_at timestamptz not null
);

-- Keys and the id of the blob store, where there is a database that all processes share.
create table secret (name text primary key, value bytea not null);

-- Tokens of the built-in issuer, where there is a database that all processes share. The token itself is kept nowhere.
create table issued_token (
  jti uuid primary key,
  number bigint generated always as identity,
  token jsonb not null,
  revoked_at timestamptz
);
