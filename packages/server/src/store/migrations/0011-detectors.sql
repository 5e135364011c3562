create table detector (
  id uuid primary key,
  org text not null,
  owner_id text not null,
  name text not null,
  type text not null,
  -- What clients set: displayName, description, documentationUrl.
  texts jsonb not null,
  -- Whether one of its versions is; other tenants then see it under this name.
  published boolean not null default false,
  created_at timestamptz not null
);
create unique index detector_by_name on detector (org, lower(name));
-- A name means one detector to everybody who has none of their own under it.
create unique index published_detector_by_name on detector (lower(name)) where published;

create table detector_version (
  -- Also the id of its container.
  id uuid primary key,
  detector_id uuid not null references detector on delete cascade,
  major integer not null,
  minor integer not null,
  labels jsonb not null,
  exports jsonb not null,
  creator_id text not null,
  created_at timestamptz not null,
  -- How often what was uploaded was taken to be looked at; each time is a container of its own that no client writes to.
  attempt integer not null default 0,
  -- The one that did; null: it still awaits its file.
  ready_attempt integer,
  size_bytes bigint,
  sha256 text,
  -- What was found in the file.
  description jsonb,
  published boolean not null default false,
  unique (detector_id, major, minor),
  constraint ready_is_known check ((ready_attempt is null) = (sha256 is null) and (ready_attempt is null) = (description is null)),
  constraint only_ready_is_published check (ready_attempt is not null or not published)
);
